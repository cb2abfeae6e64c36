"""
Product of Gaussian experts with the N(0, 1) prior always among them.

Expert i is N(mu_i, var_i) with precision T_i = present_i / var_i; the posterior has
precision 1 + sum T_i and mean sum T_i mu_i / (1 + sum T_i).

Laws: an absent expert changes nothing (T = 0 is exact omission, not zero-filling); the order does
not matter; the posterior is never wider than the prior or any present expert; with no expert it is
the prior. Oracle: prior, N(1, 1) and N(-2, 1/4) give mean -7/6 and variance 1/6.

"""

import torch


def product_of_experts(
    mu: torch.Tensor,
    logvar: torch.Tensor,
    present: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Fuse experts along the first axis.

    Parameters
    ----------
    mu, logvar : torch.Tensor
        (K, B, C, H, W), mean and log-variance of each expert.
    present : torch.Tensor
        (K, B), 1 where the expert takes part, else 0.

    Returns
    -------
    tuple of torch.Tensor
        Mean and variance of the posterior, each (B, C, H, W).

    """
    precision = torch.exp(-logvar) * present[:, :, None, None, None]  # (K, B, C, H, W)
    total = 1.0 + precision.sum(dim=0)  # (B, C, H, W)
    return (precision * mu).sum(dim=0) / total, 1.0 / total


def divergence_from_prior(mu: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
    """Return the mean KL(N(mu, variance) || N(0, 1)) per latent element, nats, a scalar."""
    return 0.5 * (mu.square() + variance - 1.0 - torch.log(variance)).mean()
