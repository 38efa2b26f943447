// The port through which a place of models tells that there is a new one: local files, a registry's alias.

export interface WatchedModel {
  /** The model's own paths or URIs, without members. */
  readonly uris: readonly string[];
}

export interface ModelWatcher {
  /**
   * `onChange` is called when the model is another one and complete, and again for every later change; never while it is being
   * written. What cannot be watched is not, silently: not every place tells.
   */
  watch(model: WatchedModel, onChange: () => void): Disposable;
}
