/**
 * The one style sheet. The page's policy allows it by its hash and nothing else, so there are no style attributes
 * anywhere; style.test.ts says what the hash must be after a change here.
 */
import { stylesheet } from './escape.ts';

export const STYLE_HASH = 'sha256-TVXy8nTgJ27l/gIsHUYSKDYnHVyYnBLFK7HdVbKgw54=';

const COLORS = `
:root{color-scheme:light dark;--page:#f8f9f7;--card:#fff;--ink:#1b2326;--mute:#5d6a70;--line:#dfe4e1;--good:#23734f;--bad:#bd2c23;--bad-soft:#fdecea;--warn:#8f5a00;--warn-soft:#fdf3df;--link:#22579c;--band:#f6e6bf;--info:#7466b8;--code:#f2f4f1}
@media screen and (prefers-color-scheme:dark){:root{--page:#121618;--card:#1a2023;--ink:#e5ebe8;--mute:#9aa8a5;--line:#2d373b;--good:#5cc495;--bad:#ff7a6e;--bad-soft:#33191a;--warn:#e6b055;--warn-soft:#2e2513;--link:#86b6f7;--band:#40351c;--info:#a99ff0;--code:#14191b}}`;

const TEXT = `
*{box-sizing:border-box}
html{scroll-padding-top:64px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:0 20px 72px}
h1{font-size:28px;line-height:1.22;margin:20px 0 4px;font-weight:680;letter-spacing:-.01em}
h2{font-size:19px;margin:32px 0 8px;font-weight:640}
h3{font-size:17px;margin:0 0 8px;font-weight:640}
p{margin:8px 0}ul,ol{margin:6px 0;padding-left:20px}a{color:var(--link)}
.lead{color:var(--mute);font-size:16px;margin:0 0 14px;max-width:80ch}
.mute{color:var(--mute);font-weight:400}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
strong{font-weight:640}code,pre{font:13px/1.5 ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace}
pre{background:var(--code);border:1px solid var(--line);border-radius:5px;padding:9px 12px;margin:4px 0 12px;white-space:pre-wrap;overflow-wrap:anywhere}
pre.copy{user-select:all;cursor:copy;border-left:3px solid var(--link)}
pre.raw{max-height:520px;overflow:auto}
.label-above{margin:8px 0 0;font-size:13px}
summary{cursor:pointer}details>summary{color:var(--link)}details.load>summary{color:var(--ink)}
details.all{display:inline-block;vertical-align:baseline}details.all>summary{font-size:12.5px;font-weight:400}details.all[open]{display:block}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`;

const HEAD = `
header{position:sticky;top:0;z-index:2;background:var(--card);border-bottom:1px solid var(--line)}
header>div{max-width:1120px;margin:0 auto;padding:9px 20px;display:flex;gap:4px 14px;align-items:center;flex-wrap:wrap}
.badge{font-weight:720;letter-spacing:.05em;padding:3px 13px;border-radius:4px;color:#fff;background:var(--mute)}
.badge.bad{background:#c0322a}.badge.good{background:#23734f}.badge.warn{background:#8f5a00}
header .mute{font-size:13.5px}nav{margin-left:auto;display:flex;gap:2px 13px;flex-wrap:wrap;font-size:13.5px}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
.banner{background:var(--warn-soft);border:1px solid var(--warn);border-radius:6px;padding:10px 14px;margin:18px 0 0;font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));background:var(--card);border:1px solid var(--line);border-radius:7px;overflow:hidden}
.facts div{padding:8px 14px;outline:.5px solid var(--line)}.facts b{display:block;font-size:19px;font-weight:640;line-height:1.3;font-variant-numeric:tabular-nums}.facts span{font-size:12.5px;color:var(--mute);line-height:1.35;display:block}`;

const CARDS = `
.card{background:var(--card);border:1px solid var(--line);border-radius:7px;padding:14px 18px;margin:10px 0}
.card.finding{border-left:5px solid var(--bad);padding-top:16px;margin-bottom:20px}
.card.accepted{border-left:5px double var(--mute);background:none;padding-top:10px;padding-bottom:10px}.card.accepted>summary{color:var(--ink)}.card.accepted b{font-weight:500}.card.accepted .why{display:block;font-size:13.5px;color:var(--mute);padding-left:16px}
.tag{display:inline-block;font-size:12.5px;font-weight:500;border:1px solid var(--line);background:var(--code);border-radius:4px;padding:0 7px;margin-left:5px;color:var(--mute);vertical-align:1px}
.kv{display:grid;grid-template-columns:112px minmax(0,1fr);gap:2px 14px;margin:6px 0}.kv dt{color:var(--mute);font-size:13.5px;padding-top:1px}.kv dd{margin:0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:12px}.two .card{margin:0}
.ticks,.rings{list-style:none;padding:0}.ticks li,.rings li{padding:2px 0 2px 20px;text-indent:-20px}.ticks li::before{content:"●";color:var(--good);display:inline-block;width:20px;text-indent:0}.rings li::before{content:"○";color:var(--mute);display:inline-block;width:20px;text-indent:0}
.ticks details,.rings details{text-indent:0}
.word{font-weight:600}.word.mute{font-weight:400}
.told{border-collapse:collapse;margin:10px 0 12px;font-size:14px}.told th{font-weight:500;text-align:left;color:var(--mute)}.told tbody th{white-space:nowrap}.told td,.told th{padding:5px 22px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}.told td{min-width:120px}.told td.bad{font-weight:640}`;

const TABLES = `
.scroll{position:relative;overflow-x:auto;max-width:100%}
table.plain{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
.plain th{font-weight:500;color:var(--mute);text-align:left;vertical-align:bottom}.plain td,.plain th{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}.plain .n{text-align:right;white-space:nowrap}.plain th.n{white-space:normal}.plain .t{min-width:88px}.plain td,.plain th,.told th{overflow-wrap:break-word}
.matrix{border-collapse:separate;border-spacing:0;font-size:14px;width:100%}
.matrix th,.matrix td{border-bottom:1px solid var(--line);padding:5px 4px}.matrix td{text-align:center;min-width:26px}
.matrix th[scope=row],.matrix thead th:first-child{position:sticky;left:0;background:var(--page);text-align:left;font-weight:500;padding-right:12px;min-width:130px;overflow-wrap:normal}
.matrix thead th{vertical-align:bottom;font-weight:500;color:var(--mute);font-size:13px;text-align:left}
.matrix .tall{height:128px;padding:4px 0}.matrix .tall span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;margin:0 auto;display:block;max-height:200px}
.matrix .held{color:var(--good)}.matrix .violated{color:#fff;background:#c0322a;font-weight:800;font-size:16px}.matrix .known{color:var(--mute);font-size:16px}.matrix .none{color:var(--mute)}.matrix .crashed{color:var(--warn);font-weight:800}.matrix .verdict{text-align:left;padding-right:14px;white-space:nowrap}
.legend{font-size:13.5px;display:flex;gap:2px 18px;flex-wrap:wrap}`;

const PICTURES = `
figure{position:relative;margin:10px 0 6px}svg{display:block;width:100%;height:auto;overflow:visible}svg text{font-size:12.5px;fill:var(--ink)}
svg .tick{font-size:12px;fill:var(--mute);font-variant-numeric:tabular-nums}svg .note{fill:var(--warn);font-size:12px;font-weight:600}
.spacetime .lane{font-weight:640;font-size:13.5px}.alarm{fill:var(--bad-soft)}svg .tick.bad{fill:var(--bad);font-weight:700}svg .tick.strong{fill:var(--ink);font-weight:700}.halo{paint-order:stroke;stroke:var(--band);stroke-width:4px}.spacetime .lane.agent{fill:var(--link)}
.life{stroke:var(--line);stroke-width:2}.arrow{stroke:var(--ink);stroke-width:1.4}.arrow.bad{stroke:var(--bad);stroke-width:2.6}.arrow.dashed{stroke-dasharray:5 4}
.tip,.dot{fill:var(--ink)}.tip.bad,.dot.bad{fill:var(--bad)}.label{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}svg .label.bad{fill:var(--bad);font-weight:700;font-size:13.5px}
.band{fill:var(--band);opacity:.8}.heal{stroke:var(--good);stroke-width:1.5;stroke-dasharray:4 3}.grid{stroke:var(--line);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.line.p50{stroke:var(--good)}.line.p95,.line.came{stroke:var(--link)}.line.p99{stroke:var(--info)}.line.due{stroke:var(--mute);stroke-dasharray:5 4}.stage{stroke:var(--mute);stroke-width:1;stroke-dasharray:2 4}svg .name{font-weight:600}svg .name.p50{fill:var(--good)}svg .name.p95{fill:var(--link)}
.bar.ok{fill:var(--good);opacity:.72}.bar.info{fill:var(--info)}.bar.fail{fill:var(--bad)}.bar.drop{fill:var(--mute)}.bar.slow{fill:var(--warn);opacity:.8}
.swatch::before,.key::before{content:"";display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px;vertical-align:-1px;background:var(--line)}
.swatch.ok::before{background:var(--good);opacity:.72}.swatch.info::before{background:var(--info)}.swatch.fail::before{background:var(--bad)}.swatch.drop::before,.swatch.due::before{background:var(--mute)}.swatch.slow::before{background:var(--warn);opacity:.8}.swatch.p50::before{background:var(--good)}.swatch.came::before,.swatch.p95::before{background:var(--link)}.swatch.p99::before{background:var(--info)}.swatch.goal::before{background:none;border-top:2px dashed var(--good);height:4px;border-radius:0;vertical-align:2px}
.chart{min-width:720px}.steps{padding-left:28px}figure.drawn .steps{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.steps li{padding:3px 0}.steps .mute{display:block;font-size:12.5px}.steps .bad{font-weight:640}.steps .bad .mute{color:var(--bad)}
.ports{display:grid;grid-template-columns:repeat(auto-fill,minmax(13px,1fr));gap:3px}.ports i{aspect-ratio:1;border-radius:2px;background:var(--line)}
.ports .held,.key.held::before{background:var(--good)}.ports .stolen,.key.stolen::before{background:var(--bad)}.ports .used,.key.used::before{background:var(--good);opacity:.4}
.ports .excluded,.key.excluded::before{background:repeating-linear-gradient(45deg,var(--mute) 0 2px,transparent 2px 4px)}`;

const PLACES = `
@media(max-width:720px){main{padding:0 12px 48px}header>div{padding:8px 12px}header .mute{display:none}nav{margin-left:0;width:100%;flex-wrap:nowrap;overflow-x:auto;white-space:nowrap}h1{font-size:22px}.lead{font-size:15px}.card{padding:12px}.two{grid-template-columns:1fr}.kv{grid-template-columns:1fr;gap:0}.kv dd{margin-bottom:6px}.facts{grid-template-columns:1fr 1fr}.spacetime{display:none}figure.drawn .steps{position:static;width:auto;height:auto;clip-path:none}.told td,.told th{padding-right:10px}.told td{min-width:0}}
@media print{:root{color-scheme:light;--page:#fff}header{position:static}.plain{font-size:10px}.plain td,.plain th{padding-right:7px}.plain .t{min-width:0}.plain .n{white-space:normal}.chart{min-width:0}.matrix{font-size:11px}.matrix td{min-width:0}nav{display:none}body{font-size:12px;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}.card,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:hidden}pre.raw{max-height:none}details.load::details-content{content-visibility:visible;block-size:auto}}`;

export const CSS = [COLORS, TEXT, HEAD, CARDS, TABLES, PICTURES, PLACES].join('');

export const styles = stylesheet(CSS);
