# %%
import torch
# %%
torch.manual_seed(0)
X = torch.randn(200, 3); t = X @ torch.tensor([[1.0], [2.0], [-1.0]]) + 0.5
W = torch.zeros(3, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
hist = []
# %%
def step(lr=0.1):
    global W, b
    loss = ((X @ W + b - t) ** 2).mean()
    loss.backward()
    W = (W - lr * W.grad).detach().requires_grad_()
    b = (b - lr * b.grad).detach().requires_grad_()
    return loss.item()
for _ in range(50): hist.append(step())
# %%
print(hist[-1])
