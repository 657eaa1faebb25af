// A scenario out of the element in which it lies compressed; see packed.rs for its form.
async function unpack(id) {
  const element = document.getElementById(`scenario-${id}`);
  if (!element) return null;
  const packed = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const octets = new Uint8Array(await new Response(stream).arrayBuffer());
  let at = 4 + new DataView(octets.buffer).getUint32(0);
  const scenario = JSON.parse(new TextDecoder().decode(octets.subarray(4, at)));
  for (const frame of scenario.frames) {
    frame.octets = octets.subarray(at, at + frame.length);
    at += frame.length;
  }
  return scenario;
}
