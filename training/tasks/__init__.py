"""One file a training task: what a step computes and how the task is judged."""
