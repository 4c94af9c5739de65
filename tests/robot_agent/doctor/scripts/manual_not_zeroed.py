# kind: not-zeroed
import torch
torch.manual_seed(0)
x = torch.randn(100, 3)
y = x @ torch.tensor([1.0, -2.0, 3.0]) + 0.5
w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for i in range(100):
    pred = x @ w + b
    loss = ((pred - y) ** 2).mean()
    loss.backward()  #+
    with torch.no_grad():
        w -= 0.1 * w.grad  #+
        b -= 0.1 * b.grad  #!+ w.grad.zero_(); b.grad.zero_()
print("score", 1 - loss.item() / y.var().item())
