/** Reads of `pg_catalog`, each for a whole set of tables. `$1`: oids, unless said. */

/** `$1`: the schema. Partitions are left out: they count as their root. */
export const tablesQuery = `
  SELECT c.oid::text AS oid, c.relname AS name, c.relkind AS kind,
    row_security_active(c.oid) AS "hiddenByPolicy",
    has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'DELETE') AS "mayDelete",
    EXISTS (SELECT FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid
            WHERE i.inhparent = c.oid AND NOT k.relispartition) AS inherited
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  ORDER BY c.relname`;

export const columnsQuery = `
  SELECT a.attrelid::text AS "tableOid", a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type, format_type(a.atttypid, NULL) AS "baseType",
    a.attnotnull AS "notNull", a.attgenerated <> '' AS generated, a.attidentity = 'a' AS "alwaysIdentity",
    coalesce(k.collisdeterministic, true) AS exact,
    has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS "maySelect",
    has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS "mayUpdate"
  FROM pg_attribute a LEFT JOIN pg_collation k ON k.oid = a.attcollation
  WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attrelid, a.attnum`;

/** A table and its partitions, down to the last. */
const tree = `
  tree AS MATERIALIZED (
    SELECT root, root AS member FROM unnest($1::oid[]) AS root
    UNION SELECT root, p.relid::oid FROM unnest($1::oid[]) AS root, pg_partition_tree(root) AS p
  )`;

export const indexesQuery = `
  WITH ${tree}
  SELECT tree.root::text AS "tableOid", c.relname AS name,
    i.indisprimary AND i.indrelid = tree.root AS primary, i.indisunique OR i.indisexclusion AS restricts,
    -- The column is new in PostgreSQL 15.
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsAreEqual",
    i.indisvalid AND i.indisready AND i.indislive AND m.amname = 'btree' AS usable,
    pg_get_expr(i.indpred, i.indrelid) AS "onlyWhere",
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS keys,
    ARRAY(SELECT DISTINCT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = i.indrelid AND a.attnum > 0
            AND (a.attnum = ANY (i.indkey)
              OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))) AS columns
  FROM tree JOIN pg_index i ON i.indrelid = tree.member
  JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam`;

export const primaryKeysQuery = `
  SELECT i.indrelid::text AS "tableOid",
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS columns
  FROM pg_index i WHERE i.indisprimary AND i.indrelid = ANY ($1::oid[])`;

/** A trigger of a partition that its root handed down is one with the root's. */
export const triggersQuery = `
  WITH ${tree}
  SELECT DISTINCT tree.root::text AS "tableOid", t.tgname AS name, 'trigger' AS what,
    (t.tgtype & 8) <> 0 AS "onDelete", (t.tgtype & 16) <> 0 AS "onUpdate"
  FROM tree JOIN pg_trigger t ON t.tgrelid = tree.member
  WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled IN ('O', 'A') AND (t.tgtype & 24) <> 0
  UNION
  SELECT tree.root::text, r.rulename, 'rule', r.ev_type = '4', r.ev_type = '2'
  FROM tree JOIN pg_rewrite r ON r.ev_class = tree.member
  WHERE r.ev_type IN ('2', '4') AND r.ev_enabled IN ('O', 'A')
  ORDER BY 1, 2`;

export const checksQuery = `
  WITH ${tree}
  SELECT DISTINCT tree.root::text AS "tableOid", k.conname AS name, pg_get_expr(k.conbin, k.conrelid) AS expression,
    ARRAY(SELECT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY a.attname) AS columns
  FROM tree JOIN pg_constraint k ON k.conrelid = tree.member AND k.contype = 'c'
  ORDER BY 1, 2`;

/** Constraints that PostgreSQL made for partitions (conparentid) are one with their root's. */
export const foreignKeysQuery = `
  WITH ${tree}
  SELECT f.conname AS name, f.confdeltype AS "onDelete",
    coalesce(pg_partition_root(f.conrelid)::oid, f.conrelid)::text AS "childOid",
    n.nspname AS "childSchema", c.relname AS "childTable",
    coalesce(pg_partition_root(f.confrelid)::oid, f.confrelid)::text AS "parentOid",
    ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY k.place) AS "childColumns",
    ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY k.place) AS "parentColumns",
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indisvalid AND i.indisready AND i.indpred IS NULL
            AND i.indnkeyatts >= cardinality(f.conkey)
            AND (i.indkey::int2[])[0 : cardinality(f.conkey) - 1] @> f.conkey
            AND (i.indkey::int2[])[0 : cardinality(f.conkey) - 1] <@ f.conkey) AS indexed,
    has_schema_privilege(n.oid, 'USAGE') AND
      (SELECT bool_and(has_column_privilege(f.conrelid, attnum, 'SELECT')) FROM unnest(f.conkey) AS attnum) AS readable
  FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE f.contype = 'f' AND f.conparentid = 0
    AND (f.confrelid IN (SELECT member FROM tree) OR f.conrelid IN (SELECT member FROM tree))
  ORDER BY n.nspname, c.relname, f.conname`;
