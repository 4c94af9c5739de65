# kind: in-place
import torch
torch.manual_seed(0)
w = torch.zeros(4, 1, requires_grad=True)
x = torch.randn(128, 4)
y = x @ torch.tensor([[1.0], [2.0], [-1.0], [0.5]])
for step in range(100):
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    w -= 0.1 * w.grad  #! w.data -= 0.1 * w.grad
    w.grad.zero_()
print("score", 1 - loss.item() / y.var().item())
