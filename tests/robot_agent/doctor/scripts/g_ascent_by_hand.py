# w += lr * grad; kind: loss-sign
import torch
torch.manual_seed(0)
x = torch.randn(200, 3); y = x @ torch.tensor([1., -2., 0.5])
w = torch.zeros(3, requires_grad=True)
for i in range(100):
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w += 0.05 * w.grad  #! w -= 0.05 * w.grad
        w.grad.zero_()
