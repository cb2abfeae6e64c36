"""
Procedural scenes, a ray caster and an event camera: training samples and whole recordings.

layout of solids -> poses -> log intensity of sub-frames -> threshold crossings -> EVENT_DTYPE.

Laws: the same seed gives the same bytes; textures of the test split never occur in training;
times are integer µs in the half-open window; depth is metres along the optical axis.

"""
