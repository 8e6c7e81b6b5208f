"""Opens a checkout of the reference pipeline so that it runs from outside, with made-up weights and without a GPU."""

import importlib.util
import os
import sys
import types

import torch


def open_checkout(checkout, ckpt_dir=None):
    """
    Imports `voxconverse` of the checkout. Three things are changed, none of them what is computed:
    - `.cuda()`, which the reference calls without asking, leaves a tensor where it is when there is no GPU;
    - speechbrain, imported but not used with resnetse34, is stood in for where it is not installed;
    - checkpoints are read from `ckpt_dir` without comparing their digests with the published ones.
    """
    sys.path.insert(0, os.path.abspath(checkout))
    if not torch.cuda.is_available():
        torch.Tensor.cuda = lambda tensor: tensor
    if importlib.util.find_spec("speechbrain") is None:
        stand_in = types.ModuleType("speechbrain.inference.speaker")
        stand_in.EncoderClassifier = None
        for name in ("speechbrain", "speechbrain.inference"):
            sys.modules[name] = types.ModuleType(name)
        sys.modules[stand_in.__name__] = stand_in

    import voxconverse

    def load_checkpoint(name, download_root=None, device=None):
        return torch.load(os.path.join(ckpt_dir, f"{name}.model"), map_location=device, weights_only=True)

    for module in ("preprocessor", "syncnet", "facecluster", "speakernet"):
        sys.modules[f"voxconverse.{module}"].load_checkpoint = load_checkpoint
    return voxconverse
