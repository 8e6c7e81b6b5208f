"""
Runs the reference pipeline on a video, as its diarize.py does, and times its stages:
`run_reference.py CHECKOUT CKPT_DIR VIDEO OUT_DIR VAD`. Prints one JSON object as its last line.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()
os.environ["TQDM_DISABLE"] = "1"

import torch

from reference_code import open_checkout


class StageTimes:
    """Seconds of each stage; a stage within another one does not count for the outer one."""

    def __init__(self):
        self.seconds = {}
        self.running = []

    def watch(self, owner, method, stage):
        inner = getattr(owner, method)

        def timed(*args, **kwargs):
            started = time.perf_counter()
            self.running.append(0.0)
            result = inner(*args, **kwargs)
            elapsed = time.perf_counter() - started
            self.seconds[stage] = self.seconds.get(stage, 0.0) + elapsed - self.running.pop()
            if self.running:
                self.running[-1] += elapsed
            return result

        setattr(owner, method, timed)


def main(checkout, ckpt_dir, video, out_dir, vad):
    voxconverse = open_checkout(checkout, ckpt_dir)
    times = StageTimes()
    times.seconds["start"] = time.perf_counter() - STARTED
    for owner, method, stage in (
        (voxconverse.Preprocessor, "_process_video", "extract"),
        (voxconverse.Preprocessor, "inference_video", "faces"),
        (voxconverse.Preprocessor, "scene_detect", "shots"),
        (voxconverse.Preprocessor, "run", "tracks"),
        (voxconverse.SyncNet, "__init__", "sync"),
        (voxconverse.SyncNet, "run", "sync"),
        (voxconverse.FaceCluster, "__init__", "identity"),
        (voxconverse.FaceCluster, "run", "identity"),
        (voxconverse.Vad, "run", "vad"),
        (voxconverse.SpeakerNet, "__init__", "voices"),
        (voxconverse.SpeakerNet, "run", "voices"),
        (voxconverse.Diarizer, "run", "diarize"),
    ):
        times.watch(owner, method, stage)

    tracks = []
    diarize = voxconverse.Diarizer.run

    def diarize_noting_tracks(self, found, dists, vads, face_ids, *others):
        for track, face in zip(found, face_ids):
            frames = track["track"]["frame"]
            tracks.append({"startFrame": int(frames[0]), "endFrame": int(frames[-1]) + 1, "face": face})
        return diarize(self, found, dists, vads, face_ids, *others)

    voxconverse.Diarizer.run = diarize_noting_tracks
    args = argparse.Namespace(ckpt_dir=ckpt_dir, out_dir=out_dir, vad=vad, speaker_model="resnetse34")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    voxconverse.AVDiarizer(args).run(Path(video), out_dir, device)
    print(
        json.dumps(
            {
                "seconds": times.seconds,
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
                "device": device.type,
                "tracks": tracks,
            }
        )
    )


main(*sys.argv[1:])
