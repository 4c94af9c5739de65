import torch
torch.manual_seed(0)
x = torch.randn(200, 3); y = x @ torch.tensor([1.0, 2.0, 3.0])
w = torch.randn(3, requires_grad=True)
for i in range(100):
    if w.grad is not None: w.grad.data.zero_()
    loss = ((x @ w - y) ** 2).mean(); loss.backward()
    w.data = w.data - 0.1 * w.grad.data
print(loss.item())
