"""
Recorded sequences -> samples at the stamps of their reference depth, split by sequence.

recording -> `extract` (through the runtime's own replay and accumulator) -> `store` (one file a
sequence) -> `sample_set` -> batches of `training.tuning`. Laws: a sample holds the tensor that
the pipeline would have had at that stamp, bit for bit; a sequence is in one split only.

"""
