# docker buildx bake -f deploy/docker/docker-bake.hcl [cpu | cuda | syncnet | ...]
variable "REGISTRY" { default = "avd" }
variable "VERSION" { default = "0.1.0" }
variable "REVISION" { default = "unknown" }

group "default" { targets = ["cpu"] }
group "cpu" { targets = ["stage", "plain", "orchestrator", "cli"] }

target "common" {
  context    = "."
  dockerfile = "deploy/docker/Dockerfile"
  args       = { VERSION = VERSION, REVISION = REVISION }
  attest     = ["type=sbom", "type=provenance,mode=max"]
}

# Stages that read media.
target "stage" {
  inherits = ["common"]
  name     = stage.name
  matrix = {
    stage = [
      { name = "face-track", service = "FaceTrackService" },
      { name = "syncnet", service = "SyncNetService" },
      { name = "vad", service = "VadService" },
      { name = "embed", service = "EmbedService" },
    ]
  }
  args = {
    WORKSPACE      = "services/${stage.name}"
    HEALTH_SERVICE = "avdiarization.stage.v1.${stage.service}"
  }
  tags      = ["${REGISTRY}/${stage.name}:${VERSION}"]
  platforms = ["linux/amd64", "linux/arm64"]
}

target "plain" {
  inherits = ["common"]
  name     = "cluster"
  matrix   = { only = ["cluster"] }
  args = {
    WORKSPACE      = "services/cluster"
    RUNTIME        = "plain"
    HEALTH_SERVICE = "avdiarization.stage.v1.ClusterService"
  }
  tags      = ["${REGISTRY}/cluster:${VERSION}"]
  platforms = ["linux/amd64", "linux/arm64"]
}

target "orchestrator" {
  inherits = ["common"]
  args = {
    WORKSPACE      = "services/orchestrator"
    HEALTH_SERVICE = "avdiarization.v1.DiarizationService"
  }
  tags      = ["${REGISTRY}/orchestrator:${VERSION}"]
  platforms = ["linux/amd64", "linux/arm64"]
}

# The command line: fetches models, submits jobs, or diarizes on its own.
target "cli" {
  inherits  = ["common"]
  args      = { WORKSPACE = "apps/cli", ENTRY = "bin/avd.js" }
  tags      = ["${REGISTRY}/cli:${VERSION}"]
  platforms = ["linux/amd64", "linux/arm64"]
}

# The stages that use a GPU; onnxruntime has CUDA libraries for amd64 only.
target "cuda" {
  inherits = ["common"]
  name     = "${stage.name}-cuda"
  matrix = {
    stage = [
      { name = "face-track", service = "FaceTrackService" },
      { name = "syncnet", service = "SyncNetService" },
      { name = "embed", service = "EmbedService" },
    ]
  }
  args = {
    WORKSPACE      = "services/${stage.name}"
    RUNTIME        = "cuda"
    HEALTH_SERVICE = "avdiarization.stage.v1.${stage.service}"
  }
  tags      = ["${REGISTRY}/${stage.name}-cuda:${VERSION}"]
  platforms = ["linux/amd64"]
}
