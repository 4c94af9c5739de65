# kind: in-place
import torch
torch.manual_seed(0)
w = torch.randn(3, 1, requires_grad=True)
x = torch.randn(50, 3); y = x @ torch.tensor([[1.0], [2.0], [3.0]])
for i in range(50):
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    w -= 0.1 * w.grad  #! w.data -= 0.1 * w.grad
    w.grad.zero_()
