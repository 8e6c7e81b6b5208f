export type TurnEdge = 'start' | 'end';

/** What fingers, pen and mouse mean; positions in pixels of the element. */
export interface PointerActions {
  /** Edge of the selected turn within reach. */
  edgeAt(x: number, y: number, reachPx: number): TurnEdge | undefined;
  startEdge(): void;
  moveEdge(edge: TurnEdge, x: number): void;
  endEdge(): void;
  isRuler(y: number): boolean;
  scrub(x: number): void;
  pan(px: number): void;
  zoom(factor: number, x: number): void;
  click(x: number, y: number): void;
  /** x is undefined when the pointer has left. */
  hover(x: number | undefined, y: number): void;
}

/** Less movement than this is a click. */
const CLICK_PX = 4;
const MOUSE_REACH_PX = 7;
const FINGER_REACH_PX = 18;
const WHEEL_ZOOM = 0.0035;

type Gesture =
  | { readonly kind: 'press'; readonly x: number; readonly y: number }
  | { readonly kind: 'pan' | 'scrub' }
  | { readonly kind: 'edge'; readonly edge: TurnEdge };

/** A click seeks; dragging moves the view, on the ruler the playhead, at an edge of the selected turn that edge; two fingers zoom. */
export function followPointers(element: HTMLElement, actions: PointerActions): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let gesture: Gesture | undefined;

  const place = (event: MouseEvent): { x: number; y: number } => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const reach = (event: PointerEvent): number =>
    event.pointerType === 'mouse' ? MOUSE_REACH_PX : FINGER_REACH_PX;
  const end = (): void => {
    if (gesture?.kind === 'edge') actions.endEdge();
    gesture = undefined;
  };

  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const { x, y } = place(event);
    pointers.set(event.pointerId, { x, y });
    element.setPointerCapture(event.pointerId);
    if (pointers.size > 1) {
      end();
      return;
    }
    const edge = actions.edgeAt(x, y, reach(event));
    if (edge !== undefined) {
      gesture = { kind: 'edge', edge };
      actions.startEdge();
    } else if (actions.isRuler(y)) {
      gesture = { kind: 'scrub' };
      actions.scrub(x);
    } else {
      gesture = { kind: 'press', x, y };
    }
  });

  element.addEventListener('pointermove', (event) => {
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      element.style.cursor = actions.edgeAt(now.x, now.y, reach(event)) ? 'ew-resize' : '';
      if (event.pointerType === 'mouse') actions.hover(now.x, now.y);
      return;
    }
    pointers.set(event.pointerId, now);
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)![1];
      const distance = Math.max(20, Math.abs(now.x - other.x));
      const distanceBefore = Math.max(20, Math.abs(before.x - other.x));
      actions.pan((before.x - now.x) / 2);
      actions.zoom(distance / distanceBefore, (now.x + other.x) / 2);
      return;
    }
    actions.hover(undefined, 0);
    if (gesture?.kind === 'press' && Math.hypot(now.x - gesture.x, now.y - gesture.y) >= CLICK_PX) {
      gesture = { kind: 'pan' };
    }
    if (gesture?.kind === 'pan') actions.pan(before.x - now.x);
    if (gesture?.kind === 'scrub') actions.scrub(now.x);
    if (gesture?.kind === 'edge') actions.moveEdge(gesture.edge, now.x);
  });

  element.addEventListener('pointerup', (event) => {
    if (gesture?.kind === 'press') actions.click(gesture.x, gesture.y);
    pointers.delete(event.pointerId);
    end();
  });
  element.addEventListener('pointercancel', (event) => {
    pointers.delete(event.pointerId);
    end();
  });
  element.addEventListener('pointerleave', () => actions.hover(undefined, 0));
  element.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) {
        event.preventDefault();
        actions.zoom(Math.exp(-event.deltaY * WHEEL_ZOOM), place(event).x);
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        actions.pan(event.deltaX || event.deltaY);
      }
    },
    { passive: false },
  );
}
