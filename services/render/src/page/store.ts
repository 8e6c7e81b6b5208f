import type { Conversation } from './corrections.js';

/** What the page shows now; changed only through the functions of `Store`. */
export interface PageState {
  readonly conversation: Conversation;
  readonly selectedTurnId: number | undefined;
  /** Corrections since the page was opened or saved. */
  readonly isChanged: boolean;
}

/** The conversation with its history. Listeners are called after every change. */
export class Store {
  #state: PageState;
  #past: Conversation[] = [];
  #future: Conversation[] = [];
  /** Set while a boundary is dragged: the whole drag is one step back. */
  #isDragging = false;
  readonly #listeners: ((state: PageState, before: PageState) => void)[] = [];

  constructor(conversation: Conversation) {
    this.#state = { conversation, selectedTurnId: undefined, isChanged: false };
  }

  get state(): PageState {
    return this.#state;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  listen(listener: (state: PageState, before: PageState) => void): void {
    this.#listeners.push(listener);
  }

  correct(conversation: Conversation): void {
    if (conversation === this.#state.conversation) return;
    if (!this.#isDragging) this.#remember();
    this.#set({ conversation, isChanged: true });
  }

  startDrag(): void {
    this.#remember();
    this.#isDragging = true;
  }

  endDrag(): void {
    this.#isDragging = false;
    if (this.#past.at(-1) === this.#state.conversation) this.#past.pop();
    this.#set({});
  }

  select(selectedTurnId: number | undefined): void {
    if (selectedTurnId !== this.#state.selectedTurnId) this.#set({ selectedTurnId });
  }

  undo(): void {
    const conversation = this.#past.pop();
    if (conversation === undefined) return;
    this.#future.push(this.#state.conversation);
    this.#set({ conversation, isChanged: true });
  }

  redo(): void {
    const conversation = this.#future.pop();
    if (conversation === undefined) return;
    this.#past.push(this.#state.conversation);
    this.#set({ conversation, isChanged: true });
  }

  saved(): void {
    this.#set({ isChanged: false });
  }

  #remember(): void {
    this.#past.push(this.#state.conversation);
    this.#future = [];
  }

  #set(change: Partial<PageState>): void {
    const before = this.#state;
    const state = { ...before, ...change };
    const isThere = state.conversation.turns.some(({ turnId }) => turnId === state.selectedTurnId);
    this.#state = isThere ? state : { ...state, selectedTurnId: undefined };
    for (const listener of this.#listeners) listener(this.#state, before);
  }
}
