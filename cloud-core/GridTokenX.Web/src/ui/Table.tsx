import type { ComponentChildren } from "preact";

export interface Column<T> {
  readonly head: string;
  readonly unit?: string;
  readonly kind?: "number" | "act";
  /** Null or "" where there is nothing to say. */
  readonly cell: (row: T) => ComponentChildren;
}

/**
 * A table; on a phone each row is a card with the heads inside, so that nothing has to be pushed sideways. The roles
 * are named because another layout than a table's takes them away in some browsers.
 */
export function Table<T>({ name, columns, rows, keyOf }: {
  name: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table class="list cards-when-narrow" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.head} scope="col" role="columnheader" class={column.kind}>
                {column.kind === "act" ? <span class="unseen">{column.head}</span> : column.head}
                {column.unit && <small> {column.unit}</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map((column) => (
                <td key={column.head} role="cell" class={column.kind} data-head={headOf(column)}>
                  <div>{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const headOf = ({ head, unit }: Column<never>): string => (unit ? `${head} ${unit}` : head);
