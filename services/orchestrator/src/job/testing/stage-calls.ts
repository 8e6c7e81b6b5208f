import { diarizeCall } from '@avd/cluster/host';
import { embedFacesCall, embedVoicesCall, embedVoiceWindowsCall } from '@avd/embed/host';
import { detectFacesCall, linkTracksCall } from '@avd/face-track/host';
import type { StepName } from '@avd/pipeline';
import type { StageCall } from '@avd/stage-host';
import { readLipsCall, scoreLipsCall } from '@avd/syncnet/host';
import { detectSpeechCall, detectTrackSpeechCall } from '@avd/vad/host';

/** What the stages do with the task of each step. */
export const stageCalls: Readonly<Record<StepName, StageCall>> = {
  detectFaces: detectFacesCall,
  linkTracks: linkTracksCall,
  detectSpeech: detectSpeechCall,
  detectTrackSpeech: detectTrackSpeechCall,
  readLips: readLipsCall,
  scoreLips: scoreLipsCall,
  embedFaces: embedFacesCall,
  embedVoices: embedVoicesCall,
  embedVoiceWindows: embedVoiceWindowsCall,
  diarize: diarizeCall,
};
