"""
The flagship's networks as the graphs of a bundle: plain tensors in, plain tensors out, batch 1.

`encode_*`: one modality -> (mu, logvar) of each latent. `fuse_decode`: three experts and their
presence -> layout. `complete`: measurements at sensor resolution -> dense depth, and
`complete_motion`, the same for measurements of which some were swept from motion.

"""

from dataclasses import dataclass

from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.encoder import GaussianEncoder, LATENTS
from eventdepth_core.networks.fusion import product_of_experts
from eventdepth_core.networks.layout import (
    as_layout,
    EVENT_BINS,
    IMAGE_CHANNELS,
    LayoutHead,
    LayoutNet,
    POINT_CHANNELS,
)
import torch
from torch import nn

GRID_MULTIPLE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """One exportable graph: its module, example inputs by name, output names, dynamic axes."""

    name: str
    module: nn.Module
    inputs: dict[str, torch.Tensor]
    outputs: tuple[str, ...]
    dynamic: dict[str, dict[int, str]]


class EncodeGraph(nn.Module):
    """Encoder with flat outputs: mu and logvar of each latent in turn."""

    def __init__(self, encoder: GaussianEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """(1, C, H, W) -> mu, logvar for each latent, each (1, Z, H/stride, W/stride)."""
        return tuple(tensor for expert in self.encoder(x) for tensor in expert)


class FuseDecodeGraph(nn.Module):
    """Product of experts and layout head with flat inputs."""

    def __init__(self, head: LayoutHead) -> None:
        super().__init__()
        self.head = head

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Mu and logvar (3, Z, h, w) of each latent, present (3,) -> the four layout outputs."""
        present = tensors[-1][:, None]  # (3, 1)
        latents = []
        for level in range(len(LATENTS)):
            mu, logvar = tensors[2 * level][:, None], tensors[2 * level + 1][:, None]
            latents.append(product_of_experts(mu, logvar, present)[0])
        planes, scale = self.head(latents)
        layout = as_layout(planes, scale, present.new_zeros(()))
        return (
            layout.log_depth,
            layout.log_variance,
            layout.log_scale,
            layout.log_scale_variance,
        )


class CompleteGraph(nn.Module):
    """Completion head with presence as (3,)."""

    def __init__(self, head: CompletionHead) -> None:
        super().__init__()
        self.head = head

    def forward(
        self,
        prefill: torch.Tensor,
        layout: torch.Tensor,
        events: torch.Tensor,
        image: torch.Tensor,
        present: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `CompletionHead.forward` for one sample."""
        return self.head(prefill, layout, events, image, present[:, None])


def flagship_graphs(
    layout: LayoutNet,
    completion: CompletionHead,
    *,
    grid: tuple[int, int],
    sensor: tuple[int, int],
    motion: CompletionHead | None = None,
) -> list[Graph]:
    """
    Return the five graphs with random example inputs at `grid` and `sensor` (height, width).

    With a head for `motion` there are six.

    """
    generator = torch.Generator().manual_seed(0)
    encoders = [
        _encode_graph(name, encoder, channels, grid, generator)
        for name, encoder, channels in zip(
            ('events', 'image', 'points'),
            layout.encoders,
            (EVENT_BINS, IMAGE_CHANNELS, POINT_CHANNELS),
            strict=True,
        )
    ]
    graphs = [
        *encoders,
        _fuse_graph(layout.head, grid, generator),
        _complete_graph('complete', completion, sensor, generator),
    ]
    if motion is None:
        return graphs
    return [*graphs, _complete_graph('complete_motion', motion, sensor, generator)]


def _encode_graph(
    modality: str,
    encoder: nn.Module,
    channels: int,
    grid: tuple[int, int],
    generator: torch.Generator,
) -> Graph:
    outputs = tuple(f'{part}_{latent.name}' for latent in LATENTS for part in ('mu', 'logvar'))
    return Graph(
        name=f'encode_{modality}',
        module=EncodeGraph(encoder).eval(),
        inputs={modality: torch.randn(1, channels, *grid, generator=generator)},
        outputs=outputs,
        dynamic={modality: {2: 'grid_height', 3: 'grid_width'}},
    )


def _fuse_graph(head: LayoutHead, grid: tuple[int, int], generator: torch.Generator) -> Graph:
    inputs: dict[str, torch.Tensor] = {}
    dynamic: dict[str, dict[int, str]] = {}
    for latent in LATENTS:
        shape = (3, latent.channels, grid[0] // latent.stride, grid[1] // latent.stride)
        for part in ('mu', 'logvar'):
            name = f'{part}_{latent.name}'
            inputs[name] = torch.randn(*shape, generator=generator)
            dynamic[name] = {2: f'height_{latent.name}', 3: f'width_{latent.name}'}
    inputs['present'] = torch.tensor([1.0, 0.0, 1.0])
    return Graph(
        name='fuse_decode',
        module=FuseDecodeGraph(head).eval(),
        inputs=inputs,
        outputs=('log_depth', 'log_variance', 'log_scale', 'log_scale_variance'),
        dynamic=dynamic,
    )


def _complete_graph(
    name: str,
    head: CompletionHead,
    sensor: tuple[int, int],
    generator: torch.Generator,
) -> Graph:
    channels = {'prefill': 4, 'layout': 2, 'events': 2, 'image': 3}
    inputs = {
        name: torch.randn(1, count, *sensor, generator=generator)
        for name, count in channels.items()
    }
    inputs['prefill'][:, 3] = inputs['prefill'][:, 3].clamp_min(0.0)
    dynamic = {name: {2: 'height', 3: 'width'} for name in channels}
    inputs['present'] = torch.tensor([1.0, 1.0, 1.0])
    return Graph(
        name=name,
        module=CompleteGraph(head).eval(),
        inputs=inputs,
        outputs=('log_depth', 'log_variance'),
        dynamic=dynamic,
    )
