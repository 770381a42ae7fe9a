/** What is said of a model whose figures over the test images are not in its file. */
import { _ } from "../core/i18n.js";

export const withoutFigures = () => _("No test figures yet: they follow the training (reload the page then), or `python -m model evaluate FILE --store` adds them.");
