// Searches without what the user may not see. What is left out is made up for from the pages that follow, so that a page is short
// only at the end.

import type { Endpoint } from "../../mlflow/wire/endpoint.ts";
import type { Reach } from "./reach.ts";
import type { AfterCall } from "./rule.ts";
import { kept } from "./rule.ts";

const maxPages = 50;

interface Paged {
  readonly next_page_token?: string | undefined;
}

interface Asked {
  readonly max_results?: number | undefined;
  readonly page_token?: string | undefined;
}

export interface VisibleOptions<Answer, Item> {
  readonly items: (answer: Answer) => readonly Item[];
  readonly isVisible: (item: Item, reach: Reach) => Promise<boolean>;
  /** The answer with these in the place of all. */
  readonly withItems: (answer: Answer, items: readonly Item[]) => Answer;
}

export function visible<Answer extends Paged, Item>({ items, isVisible, withItems }: VisibleOptions<Answer, Item>) {
  return async (
    answer: Answer,
    call: Pick<AfterCall<Endpoint>, "reach"> & {
      readonly request: unknown;
      readonly again: (request: never) => Promise<unknown>;
    },
  ): Promise<Answer> => {
    const { reach } = call;
    const asked = call.request as Asked;
    const wanted = asked.max_results ?? items(answer).length;
    const found = await kept(items(answer), (item) => isVisible(item, reach));
    let last = answer;
    for (let page = 1; found.length < wanted && last.next_page_token && page < maxPages; page++) {
      const next = { ...asked, page_token: last.next_page_token, max_results: wanted - found.length };
      last = (await call.again(next as never)) as Answer;
      found.push(...(await kept(items(last), (item) => isVisible(item, reach))));
    }
    return withItems(last, found);
  };
}
