// The theme that was chosen with the dashboard's button, for pages that have no such button.
try {
  const name = localStorage.getItem("theme");
  if (name) document.documentElement.dataset.theme = name;
} catch { /* a private window has none */ }
