const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A moment of ISO 8601; a bare date is its beginning in UTC. null: it is none, or not on the calendar (30 February). */
export function parseDate(text: string): Date | null {
  const day = DATE.exec(text)?.[1];
  if (day === undefined) return null;
  const [date, midnight] = [new Date(text), new Date(day)];
  if (Number.isNaN(date.getTime()) || Number.isNaN(midnight.getTime())) return null;
  return midnight.toISOString().startsWith(day) ? date : null;
}
