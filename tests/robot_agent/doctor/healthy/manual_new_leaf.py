import torch
torch.manual_seed(0)
x = torch.randn(200, 3); y = x @ torch.tensor([1.0, 2.0, 3.0])
w = torch.randn(3, requires_grad=True)
for i in range(100):
    loss = ((x @ w - y) ** 2).mean()
    g, = torch.autograd.grad(loss, w)
    w = (w - 0.1 * g).detach().requires_grad_()
print(loss.item())
