"""
Makes checkpoints for the reference pipeline: `make_weights.py CHECKOUT OUT_DIR VIDEO`.

The published ones are not needed: speed does not depend on the numbers. All weights are random, but
- S3FD takes every green dot for a face: one channel of each layer carries "greener than anything natural" to the
  detections of stride 32, and only they ever tell a face;
- SyncNet finds lips and sound in step where the crop shows a magenta dot, in the same way;
- batch norms and last layers fit the video, as after training, so that embeddings differ from each other.
"""

import os
import subprocess
import sys

import cv2
import numpy as np
import python_speech_features
import torch
from torch import nn

from reference_code import open_checkout

SAMPLE_RATE_HZ = 16000
GREEN_EXCESS = 100
MAGENTA_EXCESS = 100
MEAN_RGB = (123, 117, 104)
FIRST_CONV = 0
FC6, FC7_SOURCE = 31, 3
RANDOM_SIZE = 0.35
EMBEDDING_DIMS = 5


def carry_channel(conv):
    """Output channel 0 becomes a copy of input channel 0, which no other output sees."""
    conv.weight[:, 0] = 0
    conv.weight[0] = 0
    centre = tuple(size // 2 for size in conv.weight.shape[2:])
    conv.weight[(0, 0, *centre)] = 1
    conv.bias[0] = 0


def make_s3fd(net):
    convs = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    for conv in convs:
        nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.zeros_(conv.bias)
    first = net.vgg[FIRST_CONV]
    first.weight /= 64
    for conv in net.vgg:
        if isinstance(conv, nn.Conv2d) and conv is not first:
            carry_channel(conv)
    first.weight[0] = 0
    first.weight[0, :, 1, 1] = torch.tensor([-1.0, 1.0, -1.0])
    first.bias[0] = MEAN_RGB[1] - MEAN_RGB[0] - MEAN_RGB[2] - GREEN_EXCESS
    for source, (loc, conf) in enumerate(zip(net.loc, net.conf)):
        loc.weight *= 0.1
        conf.weight *= 0.01
        conf.bias[:-1] = 6
        if source == FC7_SOURCE:
            conf.weight.zero_()
            conf.weight[1, 0, 1, 1] = 0.1


def fit_batch_norms(model, run):
    """Every batch norm gets the mean and variance of what `run` sends through it."""
    norms = [layer for layer in model.modules() if isinstance(layer, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.momentum = None
        norm.reset_running_stats()
    model.train()
    run()
    model.eval()
    for norm in norms:
        norm.running_var.clamp_(min=0.01 * float(norm.running_var.mean()))


def centre_outputs(linear, outputs, size):
    """Outputs get mean 0 over the video and this length."""
    centred = outputs - outputs.mean(0)
    scale = size / centred.norm(dim=1).mean()
    linear.bias -= outputs.mean(0)
    linear.weight *= scale
    linear.bias *= scale


def make_syncnet(model, clips, mfcc_windows):
    convs = [layer for layer in model.netcnnlip if isinstance(layer, nn.Conv3d)]
    first, last = convs[0], convs[-1]
    for conv in convs[1:]:
        carry_channel(conv)
    first.weight[0] = 0
    first.weight[0, :, 2, 3, 3] = torch.tensor([0.5, -1.0, 0.5])
    first.bias[0] = -MAGENTA_EXCESS
    last.weight[0, 0] = 1  # it spans the whole picture: magenta anywhere
    hidden = model.netfclip[0]
    hidden.weight[:, 0] = 0
    hidden.weight[0] = 0
    hidden.weight[0, 0] = 1
    hidden.bias[0] = 0
    fit_batch_norms(model, lambda: (model.forward_lip(clips), model.forward_aud(mfcc_windows)))
    for norm in [*model.netcnnlip, *model.netfclip]:
        if isinstance(norm, nn.modules.batchnorm._BatchNorm):
            norm.running_mean[0] = 0
            norm.running_var[0] = 1

    model.netfclip[-1].weight[:, 0] = 0
    for linear, outputs in (
        (model.netfclip[-1], lambda: model.forward_lip(clips)),
        (model.netfcaud[-1], lambda: model.forward_aud(mfcc_windows)),
    ):
        # Few dimensions, so that lips and sound can point the same way.
        linear.weight[EMBEDDING_DIMS:] = 0
        linear.bias[EMBEDDING_DIMS:] = 0
        linear.weight[0] = 0
        linear.bias[0] = 0
        centre_outputs(linear, outputs(), RANDOM_SIZE)
    model.netfcaud[-1].bias[0] = 1
    model.netfclip[-1].bias[0] = -1
    model.netfclip[-1].weight[0, 0] = 0.02


def make_face_network(model, pictures):
    fit_batch_norms(model, lambda: model(pictures))
    # Only what stands out is left, so that faces differ.
    model.layer4[-1].bn3.bias -= 3


def make_voice_network(model, windows):
    fit_batch_norms(model, lambda: model(windows))
    centre_outputs(model.fc, model(windows), 1.0)


def read_clips(video, every=25, frames_per_clip=5):
    """Squares of the picture at the size of a face crop, BGR: (clips, 3, 5, 224, 224)."""
    capture = cv2.VideoCapture(video)
    clips, clip = [], []
    index = 0
    while True:
        is_there, frame = capture.read()
        if not is_there:
            break
        if index % every < frames_per_clip:
            left = (frame.shape[1] - frame.shape[0]) // 2 * (index // every % 3)
            clip.append(cv2.resize(frame[:, left : left + frame.shape[0]], (224, 224)))
        if len(clip) == frames_per_clip:
            clips.append(np.stack(clip))
            clip = []
        index += 1
    return torch.from_numpy(np.stack(clips)).permute(0, 4, 1, 2, 3).float()


def read_sound(video):
    command = ["ffmpeg", "-v", "error", "-i", video, "-vn", "-ac", "1", "-ar", str(SAMPLE_RATE_HZ), "-f", "s16le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.int16)


def main(checkout, out_dir, video):
    open_checkout(checkout)
    from voxconverse.models.resnetse34v2 import ResNetSE34V2
    from voxconverse.models.s3fd import S3FDNet
    from voxconverse.models.syncnetmodel import SyncNetModel
    from voxconverse.models.vggface import resnet50

    torch.manual_seed(1)
    clips = read_clips(video)
    sound = read_sound(video)
    coefficients = torch.from_numpy(python_speech_features.mfcc(sound, SAMPLE_RATE_HZ).T).float()
    starts = range(0, coefficients.shape[1] - 20, 20)
    mfcc_windows = torch.stack([coefficients[None, :, start : start + 20] for start in starts])
    starts = range(0, len(sound) - 32000, 16000)
    windows = torch.stack([torch.from_numpy(sound[start : start + 32000] / 32768).float() for start in starts])

    models = {
        "s3fd": S3FDNet(device="cpu"),
        "syncnet": SyncNetModel(),
        "faceembedding": resnet50(num_classes=8631, include_top=False),
        "speakernet": ResNetSE34V2(nOut=512, encoder_type="ASP", n_mels=64, log_input=True),
    }
    with torch.no_grad():
        make_s3fd(models["s3fd"])
        make_syncnet(models["syncnet"], clips, mfcc_windows)
        make_face_network(models["faceembedding"], clips[:, :, 0])
        make_voice_network(models["speakernet"], windows)
    os.makedirs(out_dir, exist_ok=True)
    for name, model in models.items():
        torch.save(model.state_dict(), os.path.join(out_dir, f"{name}.model"))


main(*sys.argv[1:])
