"""
Torch modules of the flagship; the only package besides the torch engine that imports torch.

One encoder a modality gives Gaussian experts over a list of latents (`encoder`), a product of
experts fuses what is present (`fusion`), a head turns the fused posterior into a scale-free
layout (`layout`), and the completion head chooses between measurements (`completion`).
A wide decoder was rejected: it costs more than 30 denoising steps and predicts no better.

"""
