# kind: weights-rebound
import torch
torch.manual_seed(0)
x = torch.randn(200, 3)
y = x @ torch.tensor([[2.0], [-1.0], [0.5]]) + 1
w = torch.randn(3, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(100):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w = w - 0.1 * w.grad  #! w -= 0.1 * w.grad
        b = b - 0.1 * b.grad  #! b -= 0.1 * b.grad
    w.grad = None
    b.grad = None
print("score", 1 - loss.item() / y.var().item())
