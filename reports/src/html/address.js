// The state of the page is its address, so that whatever is shown can be sent as a link.
const address = () => new URLSearchParams(location.hash.slice(1));

const hashOf = (pairs) =>
  "#" + pairs.map(([key, value]) => (value === "" ? key : `${key}=${encodeURIComponent(value)}`)).join("&");

// The number that a key has, or null.
const numberIn = (parameters, key) => {
  const text = parameters.get(key) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
};

// An element with properties and children; whatever is said in it is text.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

const mark = (word) => make("span", { className: `mark ${word}` }, word);
