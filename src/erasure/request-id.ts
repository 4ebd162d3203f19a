const REQUEST_ID = /^eud-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether it could be the id of a request. Nothing else goes into a statement: PostgreSQL refuses U+0000 with an error of its own. */
export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}
