"""
The event core on a torch device: raw bytes are uploaded, decoded and accumulated there.

Uploading bytes moves a tenth of what uploading events or tensors would. Everything is scans and
integer sums, so the voxel grids are those of the CPU, bit for bit, on any device. Importing this
package imports torch.

"""

from eventdepth_core.events.gpu.accumulator import TorchVoxelAccumulator
from eventdepth_core.events.gpu.evt3 import decode_evt3_words, fresh_state, TorchEvents

__all__ = ['TorchEvents', 'TorchVoxelAccumulator', 'decode_evt3_words', 'fresh_state']
