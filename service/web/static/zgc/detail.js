// The part of the panel that takes the place of the list while it shows something.

import { element } from "./elements.js";
import { t } from "./texts.js";

export class Detail {
  #section;
  #list;

  constructor(section, list) {
    this.#section = section;
    this.#list = list;
  }

  /**
   * @param {string} title
   * @param {Node} content
   * @param {{focus?: boolean}} [how] focus: move the keyboard there
   */
  show(title, content, { focus = false } = {}) {
    const close = element("button", { type: "button", click: () => this.close() }, t("map.back"));
    const header = element("header", {}, element("h2", {}, title), close);
    this.#section.replaceChildren(header, content);
    this.#section.hidden = false;
    this.#list.hidden = true;
    if (focus) this.#section.focus();
  }

  close() {
    this.#section.hidden = true;
    this.#list.hidden = false;
  }
}
