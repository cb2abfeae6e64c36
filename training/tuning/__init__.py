"""
Training on one's own sequences with Lightning; the command is `training.train`.

`config` -> `weights` (where training starts) -> `module` + `sampling` (what a step is) -> `stage`
(one fit) -> `finish` (calibration, bundle, held-out evaluation). Losses and tasks are those of
the flagship's recipe. Laws: a batch is a function of (seed, stage, step, rank) alone, so a
resumed run sees what an uninterrupted one would have seen; nothing is ever unpickled.

"""
