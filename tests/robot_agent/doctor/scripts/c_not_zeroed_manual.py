# kind: not-zeroed
import torch
torch.manual_seed(0)
w = torch.randn(4, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
X = torch.randn(200, 4); Y = X @ torch.tensor([[1.], [2.], [-1.], [0.]]) + 0.3
for e in range(60):
    loss = ((X @ w + b - Y) ** 2).mean()
    loss.backward()  #+
    with torch.no_grad():
        w -= 0.1 * w.grad; b -= 0.1 * b.grad  #!+ w.grad = None; b.grad = None
