// Names that may stand where the cursor is: from the JSON Schema of rulesets, and the ruleset's own.
import { syntaxTree } from "@codemirror/language";

const OPERATORS = ["eq", "ne", "lt", "lte", "gt", "gte", "in", "is", "silent", "contains_any", "contains_all", "mentions_any"];
const CONDITIONS = new Set(["enter", "exit", "if", "all", "any", "not"]);

const textOf = (state, node) => state.sliceDoc(node.from, node.to).trim().replace(/^["']|["']$/g, "");

// Where `node` stands, as keys and `*` for an item of a list.
function pathOf(state, node) {
  const path = [];
  for (let here = node; here; here = here.parent) {
    if (here.name === "Pair") {
      const key = here.getChild("Key");
      if (key) path.unshift(textOf(state, key));
    } else if (here.name === "Item") {
      path.unshift("*");
    }
  }
  return path;
}

// By indentation, for a line that is not yet part of the tree.
function pathByLines(state, pos) {
  const line = state.doc.lineAt(pos);
  let indent = line.text.match(/^[\s-]*/)[0].length;
  const path = [];
  for (let n = line.number - 1; n > 0 && indent > 0; n -= 1) {
    const found = /^([\s-]*)([\w."']+):\s*(#.*)?$/.exec(state.doc.line(n).text);
    if (found && found[1].length < indent) {
      indent = found[1].length;
      path.unshift(found[2]);
      if (found[1].includes("-")) path.unshift("*");
    }
  }
  return path;
}

function resolved(schema, root) {
  let here = schema;
  while (here && here.$ref) here = root.$defs[here.$ref.split("/").pop()];
  return here ? [here, ...[...(here.anyOf ?? []), ...(here.oneOf ?? []), ...(here.allOf ?? [])].flatMap((one) => resolved(one, root))] : [];
}

function schemasAt(path, root) {
  let here = resolved(root, root);
  for (const part of path) {
    here = here.flatMap((one) => {
      if (part === "*") return one.items ? resolved(one.items, root) : [];
      const below = one.properties?.[part] ?? (typeof one.additionalProperties === "object" ? one.additionalProperties : null);
      return below ? resolved(below, root) : one.items ? schemasIn(one.items, part, root) : [];
    });
  }
  return here;
}

function schemasIn(items, part, root) {
  return resolved(items, root).flatMap((one) => (one.properties?.[part] ? resolved(one.properties[part], root) : []));
}

// The names of the ruleset itself, by looking over its lines.
function ownNames(state) {
  const names = { signals: [], fields: [], perceive: [], facts: [], hours: [], rules: [] };
  syntaxTree(state).iterate({
    enter(node) {
      if (node.name !== "Key") return;
      const path = pathOf(state, node.node);
      const [section, name] = path;
      if (path.length === 2 && section in names) names[section].push(name);
      if (path.length === 4 && section === "signals" && (path[2] === "fields" || path[2] === "derive")) {
        names.fields.push(`${name}.${path[3]}`);
      }
    },
  });
  for (const found of state.doc.toString().matchAll(/\bid:\s*([\w-]+)/g)) names.rules.push(found[1]);
  return names;
}

const option = (type, boost = 0) => (label) => ({ label, type, boost });

function forKeys(path, state, root) {
  const known = schemasAt(path, root).flatMap((one) => Object.keys(one.properties ?? {}));
  const options = [...new Set(known)].map(option("property"));
  const own = ownNames(state);
  if (path.some((part) => CONDITIONS.has(part)) && !known.length) {
    const phases = own.signals.map((name) => `${name}.phase`);
    const names = path.includes("if") ? [...own.perceive, ...own.facts, ...own.fields] : [...own.fields, ...phases, ...own.signals];
    return [...names, ...own.hours.map((name) => `hours.${name}`)].map(option("variable", 2))
      .concat(["all", "any", "not"].map(option("keyword", 1)), OPERATORS.map(option("keyword")));
  }
  if (path[0] === "tests" && path.includes("feed")) return [...own.signals.map(option("variable", 2)), ...options];
  return options;
}

function forValues(path, state, root, words) {
  const last = path[path.length - 1];
  const own = ownNames(state);
  const enums = schemasAt(path, root).flatMap((one) => [...(one.enum ?? []), ...(one.const === undefined ? [] : [one.const])]);
  const named = {
    category: words.categories, handler: words.units, lead: words.units, type: path[2] === "type" ? words.types : [],
    count: own.perceive, distinct: own.perceive, rule: own.rules, latest: own.fields, with: words.rulesets,
    rate: own.fields.map((name) => name.split(".")[1]), is: ["began"], phase: ["start", "update", "end"],
  }[last] ?? [];
  const labelled = named.map((one) => (typeof one === "string" ? { label: one, type: "constant" } : { ...one, type: "constant" }));
  return [...labelled, ...enums.map((one) => ({ label: String(one), type: "enum" }))];
}

// `words`: {schema, categories, units, types, rulesets}; categories and units as {label, detail}.
export function completes(words) {
  return (context) => {
    const { state, pos } = context;
    const before = state.doc.lineAt(pos).text.slice(0, pos - state.doc.lineAt(pos).from);
    const word = context.matchBefore(/[\w.-]*/);
    if (!context.explicit && word.from === word.to) return null;
    const value = /([\w.]+):\s+\[?[\w., -]*$/.exec(before);
    let node = syntaxTree(state).resolveInner(pos, -1);
    while (node && node.name !== "Pair" && node.name !== "FlowMapping" && node.name !== "BlockMapping" && node.parent) node = node.parent;
    const fromTree = node && /[{[]/.test(before) ? pathOf(state, node) : null;
    const byLines = pathByLines(state, pos);
    if (value && !/[{,]\s*[\w.]*$/.test(before.slice(value.index + value[1].length + 1))) {
      const path = fromTree?.length && fromTree[fromTree.length - 1] === value[1] ? fromTree : [...byLines, value[1]];
      return { from: word.from, options: forValues(path, state, words.schema, words), validFor: /^[\w.-]*$/ };
    }
    let path = fromTree ?? byLines;
    if (fromTree && path.length && path[path.length - 1] === textOf(state, { from: word.from, to: pos })) path = path.slice(0, -1);
    return { from: word.from, options: forKeys(path, state, words.schema), validFor: /^[\w.-]*$/ };
  };
}
