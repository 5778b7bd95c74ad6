'use strict';
// Draws the charts from the numbers in #data. Colours are those of the page, so that they follow
// light and dark; each pattern also has a mark of its own, for those who see few colours.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const narrow = matchMedia('(max-width: 34rem)');
  const LIGHT = ['#0072b2', '#d55e00', '#009e73', '#b0528d', '#a97800', '#3a8fc4', '#8c564b', '#555555'];
  const DARK = ['#4aa8e0', '#ff8a45', '#2fc79b', '#e08fc0', '#e8b43c', '#8accf2', '#c99a90', '#b5b5b5'];
  const MARKS = ['circle', 'rect', 'triangle', 'diamond', 'path://M0 0L10 0L5 9Z',
    'path://M3 0h4v3h3v4h-3v3h-4v-3h-3v-4h3z', 'arrow', 'roundRect'];
  const RING = 'path://M5 0A5 5 0 1 1 5 10A5 5 0 1 1 5 0ZM5 1.4A3.6 3.6 0 1 0 5 8.6A3.6 3.6 0 1 0 5 1.4Z';
  const STROKE = 'path://M0 0h20v2h-20z';
  const DASHES = ['solid', 'dashed', 'dotted', [8, 3, 2, 3]];
  const charts = [];

  const escape = text => echarts.format.encodeHTML(String(text));
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const color = i => (dark.matches ? DARK : LIGHT)[i % LIGHT.length];
  const percent = data.metric !== 'cosine';
  const shown = value => percent ? (100 * value).toFixed(2) + ' %' : value.toFixed(5);
  const bytes = n => n < 1e3 ? n + ' B' : n < 1e6 ? +(n / 1e3).toPrecision(3) + ' kB'
      : n < 1e9 ? +(n / 1e6).toPrecision(3) + ' MB' : +(n / 1e9).toPrecision(3) + ' GB';
  const short = n => String(+n.toPrecision(3));
  const unique = list => [...new Set(list)];
  const families = unique(data.configurations.map(c => c.family));
  const storages = unique(data.configurations.map(c => c.storage));

  function base() {
    return {
      animation: false,
      aria: {enabled: true, label: {enabled: false}},
      textStyle: {fontFamily: 'system-ui, sans-serif', color: css('--text')},
      grid: {left: 66, right: 24, top: narrow.matches ? 76 : 56, bottom: 48},
      legend: {top: 0, left: 0, itemGap: 14, itemWidth: 18, itemHeight: 11, textStyle: {color: css('--text')}, inactiveColor: css('--soft')},
      tooltip: {confine: true, backgroundColor: css('--panel'), borderColor: css('--line'), textStyle: {color: css('--text')}},
    };
  }

  function axis(name, more) {
    return Object.assign({
      name, nameLocation: 'middle', nameGap: 30, nameTextStyle: {color: css('--soft')},
      axisLine: {show: true, lineStyle: {color: css('--line')}}, axisTick: {show: false},
      axisLabel: {color: css('--soft'), hideOverlap: true}, splitLine: {lineStyle: {color: css('--grid')}},
      minorSplitLine: {show: false}, scale: true,
    }, more);
  }

  // Logarithmic axes with marks at 1, 2 and 5 of each decade; the library's own have few, or odd
  // ones. What is drawn is the logarithm.
  const log = Math.log10;
  function marks(low, high) {
    const all = [];
    for (let decade = Math.floor(log(low)); decade <= Math.ceil(log(high)); decade++) {
      [1, 2, 5].forEach(m => all.push(m * 10 ** decade));
    }
    const inside = all.filter(v => v >= low / 1.0001 && v <= high * 1.0001);
    return inside.length > 8 ? inside.filter(v => /^[1]/.test(v.toExponential())) : inside;
  }

  function logarithmic(name, values, format, direction) {
    const low = Math.min(...values), high = Math.max(...values);
    const room = Math.max(0.04, 0.06 * (log(high) - log(low)));
    const from = 10 ** (log(low) - room), to = 10 ** (log(high) + room);
    const lines = marks(from, to).map(v => ({[direction]: log(v), label: {formatter: format(v)}}));
    return {
      axis: axis(name, {type: 'value', min: log(from), max: log(to), axisLabel: {show: false}, splitLine: {show: false}}),
      grid: {type: 'line', silent: true, tooltip: {show: false}, data: [], markLine: {silent: true, symbol: 'none', z: -1, animation: false,
        label: {position: 'start', color: css('--soft'), fontSize: 12, distance: 6},
        lineStyle: {color: css('--grid'), type: 'solid', width: 1}, data: lines}},
    };
  }

  // What is missing to 1, on a logarithmic axis that grows upwards: 99 % is as far from 98 % as
  // 90 % from 80 %. A perfect value has no logarithm and is drawn at half of the least error.
  const errors = data.configurations.flatMap(c => [1 - c.value, 1 - c.low]).concat(1 - data.original.value).filter(e => e > 1e-9);
  const floor = errors.length ? Math.min(...errors) / 2 : 1e-6;
  const height = value => -log(Math.max(1 - value, floor));

  function quality(configurations) {
    const all = configurations.flatMap(c => [1 - c.value, 1 - c.low, 1 - c.high]).concat(1 - data.original.value).map(e => Math.max(e, floor));
    const low = Math.min(...all), high = Math.min(1, Math.max(...all));
    const room = Math.max(0.03, 0.05 * (log(high) - log(low)));
    const from = 10 ** (log(low) - room), to = 10 ** (log(high) + room);
    const label = e => percent ? +(100 * (1 - e)).toFixed(4) + ' %' : String(+(1 - e).toFixed(7));
    return {
      axis: axis('', {type: 'value', min: -log(to), max: -log(from), axisLabel: {show: false}, splitLine: {show: false}}),
      grid: {type: 'line', silent: true, tooltip: {show: false}, data: [], markLine: {silent: true, symbol: 'none', z: -1, animation: false,
        label: {position: 'start', color: css('--soft'), fontSize: 12, distance: 6},
        lineStyle: {color: css('--grid'), type: 'solid', width: 1},
        data: marks(from, to).map(e => ({yAxis: -log(e), label: {formatter: label(e)}}))}},
    };
  }

  function tip(c) {
    const lines = ['<strong>' + escape(c.name) + '</strong>', escape(data.metric) + ' ' + shown(c.value)
        + (c.low === c.high ? '' : ' (' + shown(c.low) + ' to ' + shown(c.high) + ')')];
    lines.push(bytes(c.bytes) + ', ' + short(c.ratio) + '× smaller');
    if (c.ms) lines.push(short(c.ms) + ' ms by ' + escape(c.runtime) + ', ' + short(c.speedup) + '× as fast');
    return lines.join('<br>');
  }

  // Bars from low to high, drawn apart from the marks that they belong to.
  function errorBars(points, stroke) {
    return {
      type: 'custom', silent: true, clip: true, z: 1, tooltip: {show: false},
      renderItem: (params, api) => {
        const low = api.coord([api.value(0), api.value(1)]);
        const high = api.coord([api.value(0), api.value(2)]);
        const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke, lineWidth: 1.2, opacity: 0.75}});
        return {type: 'group', children: [line(low[0], low[1], high[0], high[1]),
          line(low[0] - 4, low[1], low[0] + 4, low[1]), line(high[0] - 4, high[1], high[0] + 4, high[1])]};
      },
      data: points,
    };
  }

  const named = (names, extra) => names.map((name, i) => ({name, icon: MARKS[i % MARKS.length], itemStyle: {color: color(i)}})).concat(extra || []);

  // Quality against a cost that is less the better; the original is a mark of its own.
  function front(cost, original, best, name, format) {
    const option = base();
    const all = data.configurations.filter(c => cost(c));
    const x = logarithmic(name, all.map(cost).concat(original), format, 'xAxis');
    const y = quality(all);
    const series = [x.grid, y.grid];
    all.forEach(c => {
      if (c.low !== c.high) series.push(errorBars([[log(cost(c)), height(c.low), height(c.high)]], color(families.indexOf(c.family))));
    });
    families.forEach((family, i) => series.push({
      name: family, type: 'scatter', symbol: MARKS[i % MARKS.length], symbolSize: 11, itemStyle: {color: color(i), opacity: 0.9},
      data: all.filter(c => c.family === family).map(c => ({value: [log(cost(c)), height(c.value)], c})),
    }));
    const line = all.filter(best).sort((a, b) => cost(a) - cost(b));
    series.push({name: 'no other beats', type: 'line', step: 'end', showSymbol: false, silent: true, z: 0,
      lineStyle: {color: css('--soft'), width: 1.3, type: 'dashed'}, itemStyle: {color: css('--soft')}, tooltip: {show: false},
      data: line.map(c => [log(cost(c)), height(c.value)])});
    series.push({name: 'original', type: 'scatter', symbol: RING, symbolSize: 15,
      itemStyle: {color: css('--text')}, data: [{value: [log(original), height(data.original.value)], c: data.original}]});
    return Object.assign(option, {
      series, xAxis: x.axis, yAxis: y.axis,
      tooltip: Object.assign(option.tooltip, {trigger: 'item', formatter: p => p.data.c ? tip(p.data.c) : ''}),
      legend: Object.assign(option.legend, {data: named(families, [{name: 'no other beats', icon: STROKE}, {name: 'original', icon: RING}])}),
    });
  }

  function lines(value, low, high, y) {
    const option = base();
    const series = [y.grid];
    families.forEach((family, i) => storages.forEach((storage, s) => {
      const points = data.configurations.filter(c => c.family === family && c.storage === storage)
          .sort((a, b) => a.sparsity - b.sparsity);
      if (!points.length) return;
      series.push({
        name: family, type: 'line', symbol: MARKS[i % MARKS.length], symbolSize: 8,
        itemStyle: {color: color(i)}, lineStyle: {color: color(i), width: 2, type: DASHES[s % DASHES.length]},
        data: points.map(c => ({value: [100 * c.sparsity, value(c)], c})),
      });
      if (low) {
        const bars = points.filter(c => low(c) !== high(c)).map(c => [100 * c.sparsity, low(c), high(c)]);
        if (bars.length) series.push(errorBars(bars, color(i)));
      }
    }));
    const shares = data.configurations.map(c => 100 * c.sparsity);
    return Object.assign(option, {
      series, yAxis: y.axis,
      xAxis: axis('sparsity, %', {type: 'value', min: Math.max(0, Math.min(...shares) - 3), max: Math.min(100, Math.max(...shares) + 3),
        axisLabel: {color: css('--soft'), showMinLabel: false, showMaxLabel: false}}),
      tooltip: Object.assign(option.tooltip, {trigger: 'item', formatter: p => p.data.c ? tip(p.data.c) : ''}),
      legend: Object.assign(option.legend, {data: named(families)}),
    });
  }

  function histogram() {
    const p = data.portraits[+document.getElementById('histogram-of').value];
    const option = base();
    const width = 2 * p.reach / p.before.length;
    const points = counts => counts.map((n, i) => [-p.reach + (i + 0.5) * width, n]);
    const most = Math.max(...p.before, ...p.after);
    const series = [
      {name: 'before', type: 'line', step: 'middle', showSymbol: false, data: points(p.before), lineStyle: {color: css('--soft'), width: 1.5}, itemStyle: {color: css('--soft')}},
      {name: 'after, not zero', type: 'bar', barWidth: '90%', data: points(p.after), itemStyle: {color: color(0), opacity: 0.75}},
    ];
    if (p.codebook.length) {
      const ink = color(1);
      series.push({
        name: 'shared values', type: 'custom', itemStyle: {color: ink}, data: p.codebook.map(v => [v, 0]), tooltip: {show: false}, silent: true, z: 5,
        renderItem: (params, api) => {
          const at = api.coord([api.value(0), 0]);
          return {type: 'line', shape: {x1: at[0], y1: at[1] + 1, x2: at[0], y2: at[1] - 16}, style: {stroke: ink, lineWidth: 1.6}};
        },
      });
    }
    return Object.assign(option, {
      series,
      xAxis: axis('weight', {type: 'value', min: -p.reach, max: p.reach, axisLabel: {color: css('--soft'), formatter: short, hideOverlap: true}}),
      yAxis: axis('', {type: 'value', min: 0, max: most, splitNumber: 4, axisLabel: {color: css('--soft'), formatter: v => v.toLocaleString('en')}}),
      tooltip: Object.assign(option.tooltip, {trigger: 'axis', valueFormatter: v => Number(Array.isArray(v) ? v[1] : v).toLocaleString('en')}),
      legend: Object.assign(option.legend, {data: series.map((s, i) => ({name: s.name, icon: i === 0 ? STROKE : 'rect'}))}),
    });
  }

  function ledger() {
    const option = base();
    const rows = data.ledger.rows.slice().reverse();
    return Object.assign(option, {
      grid: Object.assign(option.grid, {left: 20, containLabel: true, bottom: 12}),
      series: data.ledger.sections.map((name, s) => ({
        name, type: 'bar', stack: 'bytes', itemStyle: {color: color(s), borderColor: css('--back'), borderWidth: 0.5}, data: rows.map(r => r.bytes[s]),
      })),
      yAxis: axis('', {type: 'category', data: rows.map(r => r.name), axisLabel: {color: css('--text'), width: narrow.matches ? 120 : 230, overflow: 'truncate'}, splitLine: {show: false}}),
      tooltip: Object.assign(option.tooltip, {trigger: 'axis', axisPointer: {type: 'shadow'}, valueFormatter: bytes}),
      xAxis: axis('', {type: 'value', scale: false, axisLabel: {color: css('--soft'), formatter: bytes, hideOverlap: true}}),
    });
  }

  function speedups(group) {
    const option = base();
    const y = logarithmic('', group.rows.map(r => r.speedup).concat(1), v => short(v) + '×', 'yAxis');
    const series = [y.grid];
    const shapes = unique(group.rows.map(r => r.line));
    unique(group.rows.map(r => r.line)).forEach((line, i) => {
      const best = new Map();
      group.rows.filter(r => r.line === line).forEach(r => {
        if (!best.has(r.sparsity) || best.get(r.sparsity).speedup < r.speedup) best.set(r.sparsity, r);
      });
      const points = [...best.values()].sort((a, b) => a.sparsity - b.sparsity);
      const flat = points.length === 1 && points[0].sparsity === 0;
      const values = flat ? [50, 100].map(x => ({value: [x, log(points[0].speedup)], r: points[0]})) : points.map(r => ({value: [100 * r.sparsity, log(r.speedup)], r}));
      series.push({name: line, type: 'line', symbol: MARKS[i % MARKS.length], symbolSize: 8, showSymbol: !flat, itemStyle: {color: color(i)},
        lineStyle: {color: color(i), width: flat ? 1.5 : 2, type: flat ? 'dashed' : 'solid'}, data: values});
    });
    series[1].markLine = {silent: true, symbol: 'none', label: {show: false}, lineStyle: {color: css('--text'), type: 'solid', width: 1}, data: [{yAxis: 0}]};
    return Object.assign(option, {
      series,
      xAxis: axis('weights that are zero, %', {type: 'value', min: 50, max: 100}),
      yAxis: y.axis,
      tooltip: Object.assign(option.tooltip, {trigger: 'item', formatter: p => p.data.r ? '<strong>' + escape(p.data.r.kernel) + '</strong><br>'
        + short(100 * p.data.r.sparsity) + ' % zero<br>' + short(p.data.r.speedup) + '× as fast, ' + short(p.data.r.ms) + ' ms' : ''}),
      legend: Object.assign(option.legend, {type: 'scroll', data: named(shapes)}),
    });
  }

  function roofline(roof, rows) {
    const option = base();
    const left = Math.min(0.25, ...rows.map(r => r.intensity));
    const right = Math.max(4 * roof.peak / roof.levels.at(-1).gbs, ...rows.map(r => r.intensity));
    const x = logarithmic('operations for each byte', [left, right], short, 'xAxis');
    const least = Math.max(roof.peak / 1000, Math.min(roof.peak / 16, ...rows.map(r => r.gflops)));
    const y = logarithmic('', [least, roof.peak], v => short(v), 'yAxis');
    const names = unique(rows.map(r => r.line));
    const series = [x.grid, y.grid];
    names.forEach((line, i) => series.push({
      name: line, type: 'scatter', symbol: MARKS[i % MARKS.length], symbolSize: 9, itemStyle: {color: color(i), opacity: 0.9},
      data: rows.filter(r => r.line === line).map(r => ({value: [log(r.intensity), log(r.gflops)], r})),
    }));
    roof.levels.forEach(level => {
      const at = i => [log(i), log(Math.min(roof.peak, i * level.gbs))];
      const ridge = Math.min(Math.max(roof.peak / level.gbs, left), right);
      series.push({name: level.name, type: 'line', showSymbol: false, clip: true, z: 0, silent: true, tooltip: {show: false},
        lineStyle: {color: css('--soft'), width: 1.3}, itemStyle: {color: css('--soft')}, data: [at(left), at(ridge), at(right)]});
    });
    return Object.assign(option, {
      series, xAxis: x.axis, yAxis: Object.assign(y.axis, {name: 'GFLOP/s', nameLocation: 'end', nameGap: 6, nameTextStyle: {color: css('--soft'), align: 'right'}}),
      tooltip: Object.assign(option.tooltip, {trigger: 'item', formatter: p => p.data.r ? '<strong>' + escape(p.data.r.kernel) + '</strong><br>'
        + short(p.data.r.gflops) + ' GFLOP/s, ' + short(100 * p.data.r.roof) + ' % of what the machine allows' : ''}),
      legend: Object.assign(option.legend, {type: 'scroll', data: named(names)}),
    });
  }

  const makers = {
    bytes: () => front(c => c.bytes, data.original.bytes, c => c.pareto_bytes, 'bytes', bytes),
    time: () => front(c => c.ms, data.original.ms, c => c.pareto_time, 'milliseconds', short),
    curves: () => lines(c => height(c.value), c => height(c.low), c => height(c.high), quality(data.configurations)),
    sizes: () => lines(c => log(c.bytes), null, null, logarithmic('', data.configurations.map(c => c.bytes), bytes, 'yAxis')),
    histogram, ledger,
  };

  function show(element, make) {
    const chart = echarts.init(element, null, {renderer: 'svg'});
    const draw = () => chart.setOption(make(), true);
    draw();
    charts.push({chart, draw});
    // Drawn text is said by the element's label, and by the tables.
    element.querySelectorAll('svg').forEach(svg => svg.setAttribute('aria-hidden', 'true'));
    new ResizeObserver(() => chart.resize()).observe(element);
    return draw;
  }

  if (data.kernels) {
    const place = document.getElementById('kernel-charts');
    const add = (caption, label, make) => {
      const figure = place.appendChild(document.createElement('figure'));
      const element = figure.appendChild(document.createElement('div'));
      element.className = 'chart';
      element.setAttribute('role', 'img');
      element.setAttribute('aria-label', label);
      figure.appendChild(document.createElement('figcaption')).textContent = caption;
      show(element, make);
    };
    data.kernels.groups.forEach(g => add('Times as fast as dense: ' + g.title,
        'Speed-up over dense against sparsity, ' + g.title + '; the numbers are in the table below.', () => speedups(g)));
    data.kernels.roofs.forEach(r => add('Roofline, ' + r.title,
        'Roofline, ' + r.title + '; the numbers are in the table below.', () => roofline(r, r.rows)));
  }
  const chooser = document.getElementById('histogram-of');
  if (chooser) chooser.value = String(Math.max(0, data.portraits.findIndex(p => p.codebook.length)));
  document.querySelectorAll('[data-chart]').forEach(element => {
    if (element.dataset.chart === 'ledger') element.style.height = 90 + 24 * data.ledger.rows.length + 'px';
    const draw = show(element, makers[element.dataset.chart]);
    if (element.dataset.chart === 'histogram') chooser.addEventListener('change', draw);
  });
  const redraw = () => charts.forEach(c => c.draw());
  dark.addEventListener('change', redraw);
  narrow.addEventListener('change', redraw);
})();
