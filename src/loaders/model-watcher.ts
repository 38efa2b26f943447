// The port through which a place of models tells that there is a new one: local files, a registry's alias.

export interface WatchedModel {
  /** The model's own paths or URIs, without members. */
  readonly uris: readonly string[];
  /** URI → what it meant when the model was opened, `models:/NAME/VERSION`; a URI that moves is another model from there on. */
  readonly pins?: Readonly<Record<string, string>>;
  /**
   * When the model was read, in milliseconds since the epoch: what was changed later, by the place's own clock, is told though it is
   * there when the watch begins. @default what is there when the watch begins is what is known
   */
  readonly since?: number;
}

export interface ModelWatcher {
  /**
   * `onChange` is called when the model is another one and complete, and again for every later change; never while it is being
   * written. What cannot be watched is not, silently: not every place tells.
   */
  watch(model: WatchedModel, onChange: () => void): Disposable;
}

/** Each of them watches what it can. */
export function joinWatchers(watchers: readonly ModelWatcher[]): ModelWatcher {
  return {
    watch(model, onChange) {
      const watches = watchers.map((watcher) => watcher.watch(model, onChange));
      return {
        [Symbol.dispose]: () => {
          for (const watch of watches) watch[Symbol.dispose]();
        },
      };
    },
  };
}
