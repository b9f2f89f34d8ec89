// Tells before anything is sent which of the chosen files are too large; the server checks all the same.
(() => {
  const written = (value) => value.toLocaleString("vi", { maximumFractionDigits: 1 });
  const size = (bytes) => (bytes < 1048576 ? `${written(bytes / 1024)} KB` : `${written(bytes / 1048576)} MB`);

  for (const input of document.querySelectorAll("input[type=file][data-each]")) {
    const said = document.createElement("div");
    said.setAttribute("role", "status");
    said.className = "small";
    input.after(said);
    input.addEventListener("change", () => {
      const files = [...input.files];
      const sum = files.reduce((bytes, file) => bytes + file.size, 0);
      const lines = files.map((file) => {
        const line = document.createElement("p");
        const isTooLarge = file.size > Number(input.dataset.each);

        line.textContent = `${file.name}, ${size(file.size)}`;
        if (isTooLarge) {
          line.className = "field-error";
          line.textContent += `: lớn hơn ${size(input.dataset.each)}, sẽ không được nhận`;
        }
        return line;
      });
      if (sum > Number(input.dataset.together)) {
        const line = document.createElement("p");

        line.className = "field-error";
        line.textContent = `Cộng lại ${size(sum)}: lớn hơn ${size(input.dataset.together)}, hãy gửi làm nhiều lần.`;
        lines.push(line);
      }
      said.replaceChildren(...lines);
    });
  }
})();
