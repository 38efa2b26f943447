// Says which prompts a trace has used.
export const linkPromptsToTrace = {
  name: "linkPromptsToTrace",
  method: "POST",
  version: "2.0",
  path: "/mlflow/traces/link-prompts",
  request: {
    trace_id: "string*",
    prompt_versions: "PromptVersionRef[]*",
  },
  response: {},
} as const;
