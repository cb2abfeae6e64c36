"""
Named event cameras.

ideal      thresholds alone: no mismatch, no noise
davis      typical numbers of a DAVIS: 0.2 contrast, leak, noise in the dark, 3 kHz photoreceptor
davis240c  as `realism` fits it to slider_depth, for its images with gamma 1
carla      the DVS of CARLA with its defaults: 0.3 contrast, log(light + .001), nothing else

"""

from training.simulate.sensor_model import SensorModel

PRESETS: dict[str, SensorModel] = {
    'ideal': SensorModel(mismatch=0.0, noise_hz=0.0),
    'davis': SensorModel(
        on_threshold=0.2,
        off_threshold=0.2,
        mismatch=0.1,
        dark=0.02,
        noise_hz=0.0,
        refractory_us=100,
        cutoff_hz=3000.0,
        leak_hz=0.1,
        shot_hz=0.5,
    ),
    'davis240c': SensorModel(0.536, 0.396, mismatch=0.1, dark=0.05, noise_hz=0.0, cutoff_hz=300.0),
    'carla': SensorModel(0.3, 0.3, mismatch=0.0, dark=0.001, noise_hz=0.0),
}
