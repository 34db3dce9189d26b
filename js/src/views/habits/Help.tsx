import { useEffect, useRef } from "preact/hooks";
import type { ViewState } from "../state";

/** The keys, as a sheet over the page; the focus goes back to where it was. */
export function Help({ state }: { state: ViewState }) {
  const w = state.words.value.habits;
  const sheet = useRef<HTMLDialogElement>(null);
  const open = state.helping.value;
  useEffect(() => {
    if (open) sheet.current?.showModal();
    else sheet.current?.close();
  }, [open]);
  const close = () => {
    state.helping.value = false;
  };
  return (
    <dialog ref={sheet} class="attnw-sheet" aria-label={w.keysTitle} onClose={close}>
      <h3>{w.keysTitle}</h3>
      <p class="attnw-quiet">{w.keysIntro}</p>
      <table>
        <tbody>
          {w.keys.map(([keys, what]) => (
            <tr key={keys}>
              <th scope="row">
                {keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" onClick={close}>
        {w.close}
      </button>
    </dialog>
  );
}
