// Octets as text in which nothing is invisible, each piece with the octets it stands for.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const SIGNS = new Map([[0x0d, "␍"], [0x0a, "␊"], [0x09, "␉"], [0x5c, "\\\\"]]);
const OWN = "␍␊␉·";

const hexadecimal = (octet) => `\\x${octet.toString(16).padStart(2, "0")}`;

// How many octets the character takes that begins with this one.
const lengthOf = (octet) => (octet < 0x80 ? 1 : octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4);

// Whether only blanks follow up to the end of the line.
function blankToLineEnd(octets, at) {
  let carriage = false;
  for (; at < octets.length; at += 1) {
    if (octets[at] === 0x0a) return true;
    if (octets[at] === 0x0d) carriage = true;
    else if (octets[at] !== 0x20 && octets[at] !== 0x09) return false;
  }
  return carriage;
}

function shownLetter(letter) {
  const odd = OWN.includes(letter) || /[\p{C}\p{Zl}\p{Zp}]/u.test(letter);
  return odd ? `\\u{${letter.codePointAt(0).toString(16)}}` : letter;
}

// The character at an octet and the octet after it; octets that make none, or that a cut divides, stand for themselves.
function letterAt(octets, at, cuts) {
  const octet = octets[at];
  if (SIGNS.has(octet)) return [SIGNS.get(octet), at + 1];
  if (octet === 0x20) return [blankToLineEnd(octets, at) ? "·" : " ", at + 1];
  const end = at + lengthOf(octet);
  for (let inside = at + 1; inside < end; inside += 1) {
    if (cuts.has(inside)) return [hexadecimal(octet), at + 1];
  }
  try {
    const text = strict.decode(octets.subarray(at, end));
    if ([...text].length === 1) return [shownLetter(text), end];
  } catch { /* not UTF-8 */ }
  return [hexadecimal(octet), at + 1];
}

// Calls with each piece: its text, its first octet, and the octet after the last.
function eachLetter(octets, cuts, take) {
  for (let at = 0; at < octets.length; ) {
    const [text, end] = letterAt(octets, at, cuts);
    take(text, at, end);
    at = end;
  }
}
