/* The only HTML that the server writes. Nothing in it comes from a user or a cloud. */

/** Every page of the console is this one; the bundle draws the content of each address. */
export const page = document(
  'Tenants',
  '<div id="app"></div>\n<noscript><main class="gate"><h1>The console needs JavaScript</h1><p>A script from this machine draws its pages. The script contacts nobody else.</p></main></noscript>',
  '<script type="module" src="/assets/main.js"></script>\n',
)

export const refusal = document(
  'Not signed in',
  `<main class="gate">
<h1>This browser is not signed in</h1>
<p>To sign in, open the link that the console printed. Each link opens once. This one was used already, is wrong, or belongs to an earlier start.</p>
<p>Stop the console with <kbd>Ctrl-C</kbd>, start it again, and open the link that it prints:</p>
<pre><code>tenant-onboard console</code></pre>
</main>`,
)

function document(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} - tenant-onboard</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/tokens.css">
<link rel="stylesheet" href="/assets/style.css">
${head}</head>
<body>
${body}
</body>
</html>
`
}
