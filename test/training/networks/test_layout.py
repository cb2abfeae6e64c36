"""Layout network: any subset, zero-mean map, all parameters learn."""

from eventdepth_core.networks.encoder import GaussianEncoder, LATENTS, LOGVAR_START
from eventdepth_core.networks.layout import LayoutNet
import pytest
import torch

SIZE = (32, 48)
CHANNELS = (5, 3, 4)


def inputs(batch: int = 2, seed: int = 0) -> list[torch.Tensor | None]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(batch, channels, *SIZE, generator=generator) for channels in CHANNELS]


@pytest.fixture(scope='module')
def network() -> LayoutNet:
    torch.manual_seed(0)
    return LayoutNet().eval()


def test_encoder_gives_an_expert_at_every_stride() -> None:
    torch.manual_seed(0)

    experts = GaussianEncoder(5).eval()(torch.zeros(1, 5, *SIZE))

    shapes = [tuple(mu.shape) for mu, _ in experts]
    assert shapes == [
        (1, latent.channels, SIZE[0] // latent.stride, SIZE[1] // latent.stride)
        for latent in LATENTS
    ]
    assert all(torch.allclose(logvar, torch.tensor(LOGVAR_START)) for _, logvar in experts)


def test_map_has_zero_mean_and_the_size_of_the_grid(network: LayoutNet) -> None:
    layout = network(inputs(), torch.ones(3, 2))

    assert layout.log_depth.shape == (2, 1, *SIZE)
    assert layout.log_scale.shape == (2,)
    torch.testing.assert_close(
        layout.log_depth.mean(dim=(1, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0
    )


def test_an_absent_modality_changes_nothing(network: LayoutNet) -> None:
    present = torch.tensor([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    first, second = inputs(seed=1), inputs(seed=2)
    mixed = [first[0], second[1], second[2]]

    alone = network([first[0], None, None], present)
    beside = network(mixed, present)

    torch.testing.assert_close(alone.log_depth, beside.log_depth, atol=1e-5, rtol=1e-4)


def test_without_a_generator_the_result_is_deterministic(network: LayoutNet) -> None:
    once = network(inputs(), torch.ones(3, 2))
    again = network(inputs(), torch.ones(3, 2))

    assert torch.equal(once.log_depth, again.log_depth)


def test_every_parameter_receives_a_gradient() -> None:
    torch.manual_seed(0)
    network = LayoutNet().train()
    # Residual blocks start as the identity (zero scale): their first layers learn from step 2.
    for parameter in network.parameters():
        parameter.data.add_(0.01 * torch.randn_like(parameter))

    layout = network(inputs(4), torch.ones(3, 4), generator=torch.Generator().manual_seed(0))
    total = (
        layout.log_depth.square().mean()
        + layout.log_variance.square().mean()
        + layout.log_scale.square().mean()
        + layout.log_scale_variance.square().mean()
        + layout.divergence
    )
    total.backward()

    missing = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().sum() > 0
    ]
    assert missing == []
