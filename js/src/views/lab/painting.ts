import { Painter, type Scene } from "./pixels";
import { inSlices } from "./slices";

/** For so long the former picture stays while a new one is painted. */
const PATIENCE = 250;

/** The picture on show: a short mask is painted at once, a long one row by row. */
export class Painting {
  #scene: Scene | null = null;
  #side = 0;
  #image: ImageData | null = null;
  #done = true;
  #stop = () => {};

  /** Paint what is new about a scene, and draw it whenever there is more of it, or all. */
  paint(
    scene: Scene | null,
    size: number,
    draw: (image: ImageData | null, done: boolean) => void,
  ): void {
    const side = Math.round(size * (window.devicePixelRatio || 1));
    if (scene === this.#scene && side === this.#side) {
      draw(this.#image, this.#done);
      return;
    }
    this.#stop();
    [this.#scene, this.#side] = [scene, side];
    if (!scene) {
      this.#image = null;
      this.#done = true;
      draw(null, true);
      return;
    }
    const painter = new Painter(scene, side);
    const start = performance.now();
    this.#done = false;
    this.#stop = inSlices(
      () => painter.more(),
      (done) => {
        if (!done && this.#image && performance.now() - start < PATIENCE) return;
        this.#image = painter.image;
        this.#done = done;
        draw(painter.image, done);
      },
    );
  }

  stop(): void {
    this.#stop();
  }
}
