import torch
torch.manual_seed(0)
x = torch.randn(200, 3); y = x @ torch.tensor([1.0, 2.0, 3.0]) + 1
w, b = torch.randn(3, requires_grad=True), torch.zeros(1, requires_grad=True)
for i in range(100):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad; b -= 0.1 * b.grad
        w.grad.zero_(); b.grad.zero_()
print(loss.item())
