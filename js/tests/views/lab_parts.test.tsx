import { afterEach, expect, test, vi } from "vitest";
import { parse } from "../../src/masks";
import { ended, find, type Shown, show, soon } from "./lab_shown";

afterEach(ended);

const text = (view: Shown) => find<HTMLInputElement>(view, "attnw-mask-text").value;
const says = (view: Shown, mask: string) => vi.waitFor(() => expect(text(view)).toBe(mask));
const parts = (view: Shown) => [...view.el.querySelectorAll<HTMLElement>(".attnw-part")];
const button = (view: Shown, i: number) =>
  parts(view)[i]!.querySelector<HTMLButtonElement>(".attnw-plain")!;

function slide(view: Shown, knob: string, value: number): void {
  const slider = find<HTMLInputElement>(view, `attnw-knob-${knob}`);
  slider.value = String(value);
  slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function choose(select: HTMLSelectElement, value: string): void {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

function type(view: Shown, mask: string): void {
  const input = find<HTMLInputElement>(view, "attnw-mask-text");
  input.value = mask;
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
}

test("an uneven window stays one where its sides are even for a while", async () => {
  const view = await show({ mask: parse("local(left=4, right=3)") });
  slide(view, "left", 3);
  await says(view, "local(3)");
  expect(find<HTMLSelectElement>(view, "attnw-family").value).toBe("lookback");
  slide(view, "left", 2);
  await says(view, "local(left=2, right=3)");
  slide(view, "left", 0);
  await says(view, "local(left=0, right=3)");
  view.model.set("mask", parse("local(3)"));
  await says(view, "local(3)");
  expect(find<HTMLSelectElement>(view, "attnw-family").value).toBe("local");
});

test("a part is added to any mask, also to one that has it", async () => {
  const view = await show({ mask: parse("global_(0)") });
  find(view, "attnw-add-part").click();
  await vi.waitFor(() => expect(parts(view)).toHaveLength(2));
  expect(text(view)).not.toBe("global_(0)");
  const select = parts(view)[1]!.querySelector<HTMLSelectElement>("[data-testid=attnw-family]")!;
  choose(select, "global");
  await says(view, "global_(0)");
  expect(parts(view)).toHaveLength(2);
});

test("a mask as written is kept where parts are added, negated and removed", async () => {
  const view = await show({ mask: parse("local(1) & (causal() | sink(2))") });
  expect(view.el.textContent).toContain("No family makes this part");
  find(view, "attnw-add-part").click();
  await says(view, "local(1) & (causal() | sink(2)) | global_(0)");
  view.model.set("mask", parse("global_cols(3)"));
  await says(view, "global_cols(3)");
  parts(view)[0]!.querySelector<HTMLInputElement>("[type=checkbox]")!.click();
  await says(view, "~global_cols(3)");
  choose(find<HTMLSelectElement>(view, "attnw-family"), "sink");
  await says(view, "~sink(4)");
});

test("a part that must hold can be its own opposite", async () => {
  const view = await show({ mask: parse("local(2) & causal()") });
  parts(view)[1]!.querySelector<HTMLInputElement>("[type=checkbox]")!.click();
  await says(view, "local(2) & ~causal()");
  expect(parts(view)[1]!.querySelector<HTMLInputElement>("[type=checkbox]")!.checked).toBe(true);
  const join = () => parts(view)[1]!.querySelector<HTMLSelectElement>("select")!;
  expect(join().value).toBe("and");
  choose(join(), "minus");
  await says(view, "local(2) & causal()");
  expect(join().value).toBe("minus");
});

test("the keyboard is not lost with a removed part", async () => {
  const view = await show({ mask: parse("local(2) | global_(0)") });
  button(view, 1).focus();
  button(view, 1).click();
  await says(view, "local(2)");
  expect(document.activeElement).toBe(find(view, "attnw-add-part"));
  button(view, 0).click();
  await says(view, "");
  find(view, "attnw-add-part").click();
  await says(view, "global_(0)");
});

test("patterns built of others have their own knobs", async () => {
  const view = await show({ mask: parse("strided(4)") });
  slide(view, "stride", 6);
  await says(view, "local(left=5, right=0) | residue(6) & causal()");
  choose(find<HTMLSelectElement>(view, "attnw-family"), "bigbird");
  await soon(view, "attnw-knob-blocks");
  slide(view, "blocks", 0);
  await says(view, "blocks(4, left=1, right=1) | global_blocks(4, -1, 0)");
  choose(find<HTMLSelectElement>(view, "attnw-family"), "chance");
  await soon(view, "attnw-knob-density");
  slide(view, "density", 25);
  await says(view, "random(p=0.25, seed=0)");
});

test("documents are cut anew with the text's length", async () => {
  const view = await show({ n: 32, mask: parse("documents(8, 8, 8, 8)") });
  const slider = find<HTMLInputElement>(view, "attnw-length-slider");
  slider.value = "6";
  slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await says(view, "documents(16, 16, 16, 16)");
  expect(view.state.n).toBe(64);
});

test("LSH has all its knobs, where there is a record", async () => {
  const record = { n: 5, _roles: ["cls", "word", "word", "word", "sep"], _tokens: [..."abcde"] };
  const view = await show({ ...record, _layers: [0], _heads: [0], mask: parse("lsh(8)") });
  slide(view, "chunk", 4);
  await says(view, "lsh(8, chunk=4)");
  find<HTMLInputElement>(view, "attnw-knob-same_bucket").click();
  await says(view, "lsh(8, chunk=4, same_bucket=True)");
  find<HTMLInputElement>(view, "attnw-knob-share_qk").click();
  await says(view, "lsh(8, chunk=4, same_bucket=True, share_qk=True)");
  slide(view, "look_back", 0);
  await says(view, "lsh(8, chunk=4, same_bucket=True, share_qk=True, look_back=0)");
  choose(find<HTMLSelectElement>(view, "attnw-family"), "top_k");
  await says(view, "top_k(4)");
  expect(view.el.textContent).toContain("keys in each row, and itself");
});

test("what Python refused is past once another mask is chosen, here or there", async () => {
  const view = await show();
  const banner = () => view.el.querySelector(".attnw-banner");
  const refuse = async () => {
    view.model.set("mask", parse("local(9)"));
    await says(view, "local(9)");
    view.emit("msg:custom", { refused: "this will not do" }, []);
    await vi.waitFor(() => expect(banner()?.textContent).toContain("this will not do"));
    view.model.set("mask", parse("local(2)"));
    await says(view, "local(2)");
    expect(banner()).not.toBeNull();
  };
  await refuse();
  type(view, "local(3)");
  await vi.waitFor(() => expect(banner()).toBeNull());
  view.model.set("mask", parse("local(2)"));
  await says(view, "local(2)");
  await refuse();
  view.model.set("mask", parse("local(7)"));
  await vi.waitFor(() => expect(banner()).toBeNull());
});

test("a mask that follows data is refused at once where there is no record", async () => {
  const view = await show({ lang: "ja" });
  type(view, "top_k(4)");
  await vi.waitFor(() =>
    expect(view.el.querySelector(".attnw-problem")?.textContent).toContain("記録を渡してください"),
  );
  expect(view.state.mask).toEqual(parse("local(2)"));
});

test("in Japanese an error is named first, and its exact words follow", async () => {
  const view = await show({ lang: "ja", mask: parse("global_(40)") });
  const problem = () => view.el.querySelector(".attnw-problem")?.textContent;
  expect(problem()).toMatch(/^番号 40 はこのテキスト（32 個）の外です。\ntoken 40 is outside/);
  type(view, "lokal(2)");
  await vi.waitFor(() =>
    expect(problem()).toMatch(/^「lokal」というマスクはありません。（1 文字目）\nno pattern/),
  );
  view.emit("msg:custom", { refused: "n=1: expected 2 to 1048576 tokens" }, []);
  await vi.waitFor(() =>
    expect(view.el.querySelector(".attnw-banner")?.textContent).toContain("トークン数は 2 から"),
  );
});
