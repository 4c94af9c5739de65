# kind: rate-too-high
import torch
torch.manual_seed(0)
x = torch.randn(100, 3)
y = x @ torch.tensor([[1.0], [2.0], [3.0]])
w = torch.zeros(3, 1, requires_grad=True)
for i in range(60):
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 3.0 * w.grad  #! w -= 0.1 * w.grad
        w.grad.zero_()
print("score", 1 - loss.item())
