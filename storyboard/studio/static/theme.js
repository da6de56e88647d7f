// Before the first paint: the choice that was made here before. Without one, the system's.
"use strict";
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's choice it is.
}
