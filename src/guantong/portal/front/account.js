// Passkeys: the browser's part. Without script, or where the browser has none, the forms stay hidden.
const forms = document.querySelectorAll("form[data-passkey]");

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function question(options) {
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: bytes(options.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) asked[list] = options[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return asked;
}

function answer(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value = credential.response[part];
    if (value) response[part] = text(value);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function ask(form) {
  const asked = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!asked.ok || asked.redirected) throw new Error("no question");
  const publicKey = question(await asked.json());
  return answer(await navigator.credentials[form.dataset.passkey]({ publicKey }));
}

if (window.PublicKeyCredential) {
  for (const form of forms) {
    form.hidden = false;
    const failed = form.querySelector("[data-passkey-failed]");
    let busy = false;
    // Before the common guard against sending twice hears of it.
    form.addEventListener(
      "submit",
      async (event) => {
        if (form.elements.answer.value) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (busy) return;
        busy = true;
        failed.hidden = true;
        try {
          form.elements.answer.value = await ask(form);
          form.submit();
        } catch {
          failed.hidden = false;
        } finally {
          busy = false;
        }
      },
      { capture: true },
    );
  }
  for (const note of document.querySelectorAll("[data-passkey-without]")) note.hidden = true;
}
addEventListener("pageshow", () => {
  for (const form of forms) form.elements.answer.value = "";
});
