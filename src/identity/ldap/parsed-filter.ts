/**
 * A filter as the library sends it.
 *
 * Its parser takes each escaped byte for a letter of its own, and writes that letter in UTF-8: an umlaut or the bytes of
 * an `objectGUID` would arrive as something else. So the parser sees bytes alone, and they are put together here.
 */
import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  type Filter,
  FilterParser,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  SubstringFilter,
} from 'ldapts';

/** Reads a filter (RFC 4515). Throws what the library throws where it is none. */
export function parseFilter(text: string): Filter {
  const bytes = text.replace(/[^\0-\x7f]+/gu, (letters) =>
    Buffer.from(letters)
      .toString('hex')
      .replace(/../g, (byte) => `\\${byte}`),
  );
  return mended(FilterParser.parseString(bytes));
}

function mended(filter: Filter): Filter {
  if (filter instanceof AndFilter || filter instanceof OrFilter) filter.filters = filter.filters.map(mended);
  else if (filter instanceof NotFilter) filter.filter = mended(filter.filter);
  else if (filter instanceof EqualityFilter) filter.value = bytesOrText(String(filter.value));
  else if (filter instanceof SubstringFilter) {
    filter.initial = textOf(filter.initial);
    filter.any = filter.any.map(textOf);
    filter.final = textOf(filter.final);
  } else if (
    filter instanceof ExtensibleFilter ||
    filter instanceof GreaterThanEqualsFilter ||
    filter instanceof LessThanEqualsFilter ||
    filter instanceof ApproximateFilter
  )
    filter.value = textOf(filter.value);
  return filter;
}

/** What is no UTF-8 stays bytes. */
function bytesOrText(value: string): Buffer | string {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : bytes;
}

function textOf(value: string): string {
  return Buffer.from(value, 'latin1').toString();
}
