// Whether a version of a registered model fits the deployment that is to use it: the definition's own check, against that version.
import type { Issue } from "../base/errors.ts";
import { openDefinition } from "../deployment/open-definition.ts";
import type { OpenServiceOptions } from "../serving/open-service.ts";
import { openDeploymentService } from "../serving/open-service.ts";

export interface CheckFitOptions extends Pick<OpenServiceOptions, "maxModelBytes" | "limits" | "tracking"> {
  /** `models:/NAME/VERSION` */
  readonly model: string;
}

/** @throws what opening the definition or the model throws: neither is a question of fit */
export async function checkFit(file: string, options: CheckFitOptions): Promise<readonly Issue[]> {
  const service = await openDeploymentService(await openDefinition(file), { ...options, verify: false });
  try {
    return (await service.check()).issues;
  } finally {
    await service.close();
  }
}
