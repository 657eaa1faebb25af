// The ladder: the shapes are laid out already, here they become elements; an arrow is a link to its message.
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = ["line", "polygon", "rect", "text"];

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function drawn({ tag, text = "", ...attributes }) {
  return svg(SHAPES.includes(tag) ? tag : "g", attributes, text);
}

function drawLadder({ width, height, lanes, arrows }) {
  const links = arrows.map(({ frame, protocol, title, shapes }) =>
    svg("a", { class: protocol, "data-frame": frame, "aria-label": title },
      svg("title", {}, title), ...shapes.map(drawn)));
  const size = { width, height, viewBox: `0 0 ${width} ${height}`, class: "ladder", role: "group" };
  const picture = svg("svg", size, ...lanes.map(drawn), ...links);
  // It shrinks to its place as long as it stays readable, then it scrolls.
  picture.style.minWidth = `${Math.round(width * 0.8)}px`;
  return picture;
}
