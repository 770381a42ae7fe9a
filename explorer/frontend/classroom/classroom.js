/** A tab's part in its class: it leads, follows, or goes its own way. Outlives the pages that are shown one after another. */
import { sentence } from "../core/errors.js";
import { listen } from "../core/event-stream.js";
import { _ } from "../core/i18n.js";
import { refusal } from "../core/post.js";
import { Store } from "../ui/store.js";
import { Bar } from "./bar.js";
import { Follower, search } from "./follower.js";
import { cameForAPlace, readKept, writeKept } from "./kept.js";
import { Leader, tellClass } from "./leader.js";
import { hearTouches } from "./touches.js";

/** @typedef {import("../ui/place.js").Place} Place */
/** @typedef {import("../ui/place.js").Said} Said */
/** @typedef {import("./question.js").Question} Question */
/** seat: "" where nobody leads @typedef {{seat: string, page: string | null, shown: Said | null, question: Question | null}} Standing */
/** @typedef {"none" | "leads" | "follows" | "free" | "offered"} Role free: has followed; offered: has not been asked before */
/**
 * @typedef {object} State
 * @property {boolean} instructor whether this viewer may lead
 * @property {Role} role
 * @property {number} others how many other pages are open, where this one leads
 * @property {number} following how many of those follow
 * @property {string} message one sentence, or nothing
 * @property {Question | null} question that is put to all
 * @property {number | string | null} answer that was given here: which choice, or a point; null: none
 * @property {boolean} onMap whether this page has a map on which a place can be asked for
 * @property {import("./leader.js").Told["answers"]} answers of all, where this one leads
 * @property {string} truth the right choice, where this one has asked; "": there is none
 * @property {boolean} revealed whether what is true is shown here
 */

export class Classroom {
  /**
   * @param {import("./follower.js").Host} host
   * @param {boolean} touched whether somebody has done something on the page already
   */
  constructor(host, touched) {
    this.kept = readKept();
    this.hears = /** @type {boolean | null} */ (null); // each change; null: nothing yet
    this.deafen = () => {};
    // Nothing is taken from anybody: a tab follows by itself only while nothing in it is its user's own.
    this.own = touched || cameForAPlace();
    /** What the server has told; null: nothing yet. @type {Standing | null} */
    this.standing = null;
    this.store = new Store(/** @type {State} */ ({
      instructor: false, role: "none", others: 0, following: 0, message: "", question: null, answer: null, onMap: false, answers: null, truth: "", revealed: false,
    }));
    this.follower = new Follower(host, (what) => this.store.set({ message: what && _("The teacher shows {what}, which is not here yet", { what }) }));
    this.leader = new Leader(this.kept.seat, () => this.read(), {
      onTold: ({ pages: { following, others }, answers }) => this.store.set({ following, others: Math.max(0, following + others - 1), answers, message: "" }),
      onEnd: (problem) => this.endLead(problem),
    });
    this.store.subscribe(["role"], ({ role }) => this.follower.follow(role === "follows"));
    this.store.subscribe(["role"], ({ role }) => this.listen(role === "follows"));
    this.store.subscribe(["question", "answers", "role"], () => this.drawMarks());
    this.store.subscribe(["question", "role", "revealed"], () => this.hideAnswer());
    hearTouches((event) => this.touch(event));
    for (const end of ["pointerup", "keyup"]) document.addEventListener(end, (event) => this.answerOnMap(event));
    this.listen(false);
  }

  /** @param {boolean} follow hear of each change, and not just of who leads and what is asked */
  listen(follow) {
    if (follow === this.hears) return;
    this.hears = follow;
    this.deafen();
    this.deafen = listen(new URL(`class/events?follow=${Number(follow)}`, document.baseURI), {
      standing: (standing) => this.takeStanding(standing),
      shown: ({ page, shown }) => this.takeShown(page, shown),
    }, { onConnection() {}, onFault: (_event, error) => console.error(error) });
  }

  /**
   * A page is shown.
   * @param {HTMLElement} parent whose first child the bar becomes
   * @param {string} page its name
   * @param {Place} place
   */
  enter(parent, page, place) {
    const bar = new Bar(place, {
      onLead: () => this.lead(),
      onStop: () => this.leader.stop(),
      onFollow: () => this.follow(),
      onFree: () => this.goFree(),
      onAsk: (question, truth) => this.ask(question, truth),
      onEndQuestion: () => this.leader.ask(null),
      onReveal: () => this.store.set({ revealed: true }),
      onAnswer: (answer) => this.answer(answer),
    });
    const end = this.store.subscribe(/** @type {(keyof State)[]} */ (Object.keys(this.store.state)), (state) => bar.draw(state));
    bar.draw(this.store.state);
    parent.prepend(bar.node);
    this.page = page;
    this.place = place;
    this.leave = () => {
      end();
      bar.node.remove();
      this.place = null;
      this.follower.leave();
    };
    this.follower.enter(page, place);
    this.store.set({ onMap: Boolean(place.mark) });
    this.drawMarks();
    this.hideAnswer();
  }

  /** The page is shown no more. */
  leave() {}

  /**
   * Another page is about to be shown: one that follows begins where the teacher is.
   * @param {string} page its name
   */
  arrive(page) {
    const { page: aim, shown } = this.standing ?? {};
    if (this.store.state.role !== "follows" || aim !== page || !shown) return;
    history.replaceState(history.state, "", location.pathname + search(shown) + location.hash);
  }

  /** @param {boolean} instructor whether this viewer has entered the key */
  setInstructor(instructor) {
    this.store.set({ instructor });
    this.decide();
  }

  /** @returns {import("./leader.js").Shown | null} */
  read() {
    const shown = this.place?.read();
    return shown && this.page ? { page: this.page, shown } : null;
  }

  /** @param {Standing} standing */
  takeStanding(standing) {
    this.standing = standing;
    const { question } = standing;
    if (question?.number !== this.store.state.question?.number) {
      this.follower.hold(question?.kind === "place"); // its answer is where each pupil's own point is
      this.store.set({ question, answer: null, answers: null, revealed: false });
    }
    this.aim();
    this.decide();
  }

  /** @param {string} page @param {Record<string, string | null>} change */
  takeShown(page, change) {
    if (!this.standing) return;
    const shown = { ...this.standing.shown, ...change };
    for (const [name, text] of Object.entries(change)) if (text === null) delete shown[name];
    this.standing = { ...this.standing, page, shown: /** @type {Said} */ (shown) };
    this.aim();
  }

  aim() {
    const { seat, page, shown } = this.standing ?? {};
    this.follower.setAim(seat && page && shown ? { page, shown } : null);
  }

  /** What this tab does, now that somebody leads, or nobody, or another. */
  decide() {
    if (!this.standing) return;
    const { standing: { seat }, kept, store } = this, { role, instructor } = store.state;
    if (kept.leads && instructor && role !== "leads" && (!seat || seat === kept.seat)) this.lead(); // reloaded
    else if (role === "leads" && seat && seat !== kept.seat && this.leader.known) this.leader.end(_("Another page leads the class now."));
    else if (role !== "leads" && !seat) {
      const message = role === "follows" ? _("The teacher leads no more: you stay where you are") : store.state.message;
      store.set({ role: "none", message });
    } else if (role === "none" && seat !== kept.seat) {
      const follows = kept.follows ?? !(this.own || instructor);
      store.set({ role: follows ? "follows" : kept.follows === null ? "offered" : "free", message: "" });
    }
  }

  lead() {
    this.keep({ leads: true });
    this.store.set({ role: "leads", message: "" });
    this.leader.start();
  }

  /** @param {string} problem why it leads no longer; "": as was wanted */
  endLead(problem) {
    this.keep({ leads: false });
    this.store.set({ role: "none", message: problem });
    const { seat } = this.standing ?? {};
    if (seat && seat !== this.kept.seat) this.store.set({ role: "offered" });
  }

  follow() {
    this.keep({ follows: true });
    this.store.set({ role: "follows", message: "" });
  }

  goFree() {
    this.keep({ follows: false });
    this.store.set({ role: "free", message: "" });
  }

  /**
   * @param {import("./ask-form.js").Question} question
   * @param {string} truth the right choice, or nothing
   */
  ask(question, truth) {
    this.store.set({ truth });
    return this.leader.ask(question);
  }

  /** @param {number | [number, number]} answer which choice, or a latent point */
  async answer(answer) {
    const { question } = this.store.state;
    if (!question) return;
    const message = await tellClass("answer", { number: question.number, answer }).then((told) => (told.status === 200 ? "" : refusal(told)), sentence);
    this.store.set({ message, ...(!message && { answer: typeof answer === "number" ? answer : answer.join(",") }) });
  }

  /** @param {Event} event on a map on which a place is asked for: whether it is an answer, and no way of one's own */
  isAnswer(event) {
    const { question, role } = this.store.state;
    if (question?.kind !== "place" || role === "leads" || this.place?.read()?.model !== question.model) return false;
    const onPlane = /** @type {Element} */ (event.target).closest(".lse-plane") && !(/** @type {Element} */ (event.target).closest("button"));
    if (event instanceof KeyboardEvent) return Boolean(onPlane) && event.key.startsWith("Arrow");
    return Boolean(onPlane) && !(event instanceof PointerEvent && (event.button !== 0 || event.shiftKey)); // which move the view
  }

  /** @param {Event} event the pointer or a key was let go */
  answerOnMap(event) {
    if (!event.isTrusted || !this.isAnswer(event)) return;
    const [x, y] = (this.place?.read()?.z ?? "").split(",").map(Number);
    if (Number.isFinite(y)) this.answer([x, y]);
  }

  /** Where the class has pressed, on the map of the page that leads. */
  drawMarks() {
    const { question, answers, role } = this.store.state;
    const here = role === "leads" && question?.kind === "place" && this.place?.read()?.model === question.model;
    this.place?.mark?.(here ? /** @type {[number, number][]} */ (answers ?? []) : []);
  }

  /** While a place is asked for, no map says where it is; the teacher's does again once the answer is shown. */
  hideAnswer() {
    const { question, role, revealed } = this.store.state;
    this.place?.ask?.(question?.kind === "place" && !(role === "leads" && revealed) ? question.model : null);
  }

  /** @param {Event} event somebody does something of their own */
  touch(event) {
    this.own = true;
    const { role, message } = this.store.state;
    if (role === "follows" && !this.isAnswer(event)) this.goFree();
    else if (message && role === "none") this.store.set({ message: "" });
  }

  /** @param {Partial<import("./kept.js").Kept>} change */
  keep(change) {
    writeKept((this.kept = { ...this.kept, ...change }));
  }
}
